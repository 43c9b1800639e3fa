// authentik's published clients, as they come from their registries, at work on the REST API.
import { strict as assert } from 'node:assert'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { python, root } from '../lib/processes.mjs'
import { signInTo } from './client.mjs'

const script = (name) => join(root, 'tests', 'clients', 'authentik', name)

/** A token of the administrator, in a file of the place. */
function tokenFile({ place }) {
  const path = join(place.directory, 'api-token')
  const report = JSON.parse(
    place.cli('blueprint', 'apply', join(root, 'tests', 'e2e', 'blueprints', 'api-token.yaml'), '--json'),
  )
  const key = report.entries.map((entry) => entry.generated?.key).find(Boolean)
  if (key) writeFileSync(path, key, { mode: 0o600 })
  return path
}

const story = (name, command, file) => ({
  name,
  async tell(world) {
    const { place, callback } = world
    const args = [script(file), place.origin, tokenFile(world), callback]
    const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', env: { PATH: process.env.PATH } })
    assert.equal(status, 0, stderr)
    const made = JSON.parse(stdout)
    const person = await signInTo(world, made)
    assert.equal(person.preferred_username, made.username)
    assert.equal(person.email, 'ada@example.com')
  },
})

export const pythonClient = story(
  "authentik's Python client makes people, flows and an application, which a relying party signs in to",
  python,
  'story.py',
)
export const nodeClient = story(
  "authentik's TypeScript client makes people, flows and an application, which a relying party signs in to",
  process.execPath,
  'story.mjs',
)
