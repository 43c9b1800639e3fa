// The end-to-end stories, in order: what one story leaves behind, the next one finds.
import { strict as assert } from 'node:assert'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { Album } from './lib/album.mjs'
import { launch, photographer } from './lib/browser.mjs'
import { Inbox } from './lib/inbox.mjs'
import { Place, binary, freshPostgres, root } from './lib/processes.mjs'
import { stories } from './stories/index.mjs'
import { LOCALES } from './stories/languages.mjs'

const { values: options } = parseArgs({
  options: { 'demo-app': { type: 'string' }, screenshots: { type: 'string' }, only: { type: 'string' } },
})
const ours = join(root, 'tests', 'e2e', 'relying-party', 'app.py')
const demoApp = resolve(options['demo-app'] ?? ours)
assert(existsSync(demoApp), `there is no ${demoApp}`)
assert(existsSync(binary), `there is no ${binary}: build countersign-server first`)

const adminUrl = process.env.COUNTERSIGN_TEST_DATABASE_URL
const databases = [{ name: 'sqlite', open: () => ({ url: undefined, drop: () => {} }) }]
if (adminUrl) databases.push({ name: 'postgres', open: () => freshPostgres(adminUrl) })
else console.log('SKIPPED postgres: COUNTERSIGN_TEST_DATABASE_URL is not set')

let passed = 0
let failed = 0
const browser = await launch()
for (const { name: database, open } of databases) {
  if (options.only && options.only !== database) continue
  const { url, drop } = open()
  const inbox = await Inbox.open()
  const place = await Place.make(url, inbox.port)
  const world = {
    place,
    inbox,
    browser,
    demoApp,
    database,
    album: new Album(LOCALES),
    photograph: photographer(options.screenshots && join(options.screenshots, database)),
    people: {
      admin: { username: 'akadmin', email: 'admin@example.com', password: 'Correct-Horse-Battery-9' },
      user: {
        username: 'jiwoo',
        name: 'Kim Ji-woo',
        email: 'jiwoo@example.com',
        password: 'Staple-Lantern-River-7',
      },
    },
  }
  try {
    await place.start()
    for (const { name, tell } of stories) {
      const began = Date.now()
      try {
        await tell(world)
        passed += 1
        console.log(`ok   ${database}: ${name} (${Date.now() - began} ms)`)
      } catch (error) {
        failed += 1
        console.log(`FAIL ${database}: ${name}\n${error.stack}\n--- server log ---\n${place.server.tail()}`)
        break
      }
    }
  } catch (error) {
    failed += 1
    console.log(`FAIL ${database}: ${error.stack}`)
  } finally {
    await place.stop()
    await inbox.close()
    drop()
  }
}
await browser.close()
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 && passed > 0 ? 0 : 1
