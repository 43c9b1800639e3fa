// The server keeps to its OpenAPI document, whoever asks and whatever is asked: Schemathesis calls every
// operation with valid and with invalid values, always the same ones, and looks at each answer.
import { strict as assert } from 'node:assert'
import { spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { Place, binary, freshPostgres, python, root } from '../e2e/lib/processes.mjs'

const { values: options } = parseArgs({
  options: { only: { type: 'string' }, thoroughly: { type: 'boolean', default: false } },
})
const here = join(root, 'tests', 'openapi')
const schemathesis = join(dirname(python), 'schemathesis')
assert(existsSync(binary), `there is no ${binary}: build countersign-server first`)
assert(existsSync(schemathesis), `there is no ${schemathesis}: make deps installs it from PyPI`)

/** What every answer is held to. */
const checks = ['not_a_server_error', 'status_code_conformance', 'content_type_conformance', 'response_schema_conformance']
/** A caller whose calls take longer has come to a standstill. */
const atMostMinutes = options.thoroughly ? 60 : 5

/** Makes the callers; returns their tokens by name. */
function callers(place) {
  place.cli('user', 'create', 'administrator', '--admin', '--no-password')
  place.cli('user', 'create', 'stranger', '--no-password')
  const { entries } = JSON.parse(place.cli('blueprint', 'apply', join(here, 'callers.yaml'), '--json'))
  return Object.fromEntries(entries.map(({ identifiers, generated }) => [identifiers.identifier, generated.key]))
}

async function ask(place, token, path) {
  const answer = await fetch(`${place.origin}/api/v3/${path}`, { headers: { authorization: `Bearer ${token}` } })
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  return answer.json()
}

/** By which keys the API knows what the callers live by: themselves, their tokens, the group of administrators. */
async function ownOf(place, { administrator }) {
  const lists = ['users', 'tokens', 'groups'].map((list) => ask(place, administrator, `core/${list}/?page_size=100`))
  const objects = (await Promise.all(lists)).flatMap(({ results }) => results)
  return objects.flatMap(({ pk, uuid, identifier }) => [pk, uuid, identifier]).filter(Boolean)
}

/** Writes the document down; returns its path and how many operations it has. */
function describe(place) {
  const path = join(place.directory, 'openapi.json')
  const text = place.cli('openapi')
  writeFileSync(path, text)
  return { path, operations: Object.values(JSON.parse(text).paths).flatMap((methods) => Object.keys(methods)).length }
}

/** Lets one caller call everything; returns what Schemathesis said, and how it ended. */
function callEverything(place, document, token, own, examples) {
  const args = ['run', document.path, '--origin', place.origin]
  args.push('--header', `Authorization: Bearer ${token}`, '--checks', checks.join(','))
  args.push('--phases', 'fuzzing', '--max-examples', String(examples), '--generation-deterministic', '--no-shrink')
  args.push('--continue-on-failure', '--request-timeout', '20', '--suppress-health-check', 'all')
  args.push('--warnings', 'off', '--no-color')
  const env = { PATH: process.env.PATH, HOME: place.directory, PYTHONPATH: here, SCHEMATHESIS_HOOKS: 'hooks' }
  Object.assign(env, { PYTHONDONTWRITEBYTECODE: '1', COUNTERSIGN_CALLERS_OWN: own.join(',') })
  const timeout = atMostMinutes * 60_000
  const running = spawn(schemathesis, args, { cwd: place.directory, env, timeout, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [running.stdout, running.stderr]) stream.on('data', (text) => (said += text))
  return new Promise((resolve) => {
    running.once('error', (error) => resolve({ said: error.message, ended: 'not started' }))
    running.once('close', (code, signal) => resolve({ said, ended: code ?? signal }))
  })
}

/** What is wrong, if anything: an operation that was left out is wrong too. */
function complaint({ said, ended }, { operations }) {
  if (ended === 'SIGTERM') return `it did not end within ${atMostMinutes} minutes\n${said}`
  if (ended !== 0) return said.slice(Math.max(0, said.indexOf('= FAILURES =')))
  const tested = Number(/Tested: (\d+)/.exec(said)?.[1])
  return tested === operations ? undefined : `${tested} of ${operations} operations were tried\n${said}`
}

async function tell(database, url) {
  const place = await Place.make(url)
  const outcomes = []
  try {
    await place.start()
    const document = describe(place)
    const tokens = callers(place)
    const own = await ownOf(place, tokens)
    for (const [name, token] of Object.entries(tokens)) {
      const began = Date.now()
      const examples = options.thoroughly ? 100 : name === 'administrator' ? 3 : 1
      const outcome = await callEverything(place, document, token, own, examples)
      // Otherwise the last calls said nothing.
      await ask(place, token, 'core/users/me/')
      const wrong = complaint(outcome, document)
      const cases = /(\d+) generated/.exec(outcome.said)?.[1]
      console.log(`${wrong ? 'FAIL' : 'ok  '} ${database}: ${name}, ${cases} calls (${Date.now() - began} ms)`)
      if (wrong) console.log(`${wrong}\n--- server log ---\n${place.server.tail()}`)
      outcomes.push(!wrong)
    }
  } catch (error) {
    console.log(`FAIL ${database}: ${error.stack}`)
    outcomes.push(false)
  } finally {
    await place.stop()
  }
  return outcomes
}

const adminUrl = process.env.COUNTERSIGN_TEST_DATABASE_URL
const databases = [{ name: 'sqlite', open: () => ({ url: undefined, drop: () => {} }) }]
if (adminUrl) databases.push({ name: 'postgres', open: () => freshPostgres(adminUrl) })
else console.log('SKIPPED postgres: COUNTERSIGN_TEST_DATABASE_URL is not set')

const wanted = databases.filter(({ name }) => !options.only || options.only === name)
const outcomes = await Promise.all(
  wanted.map(async ({ name, open }) => {
    const { url, drop } = open()
    return tell(name, url).finally(drop)
  }),
)
const all = outcomes.flat()
process.exitCode = all.length > 0 && all.every(Boolean) ? 0 : 1
