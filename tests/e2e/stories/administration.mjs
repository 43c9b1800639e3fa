// What an administrator does on the first day.
import { strict as assert } from 'node:assert'
import { join } from 'node:path'
import { answer, person, signIn } from '../lib/browser.mjs'
import { root } from '../lib/processes.mjs'

const blueprint = (name) => join(root, 'tests', 'e2e', 'blueprints', `${name}.yaml`)

export const initialSetup = {
  name: 'a fresh server leads its first visitor to the initial set-up, without a script',
  async tell({ place, browser, people, photograph }) {
    const { context, page, complaints } = await person(browser)
    await page.goto(`${place.origin}/`)
    assert.equal(new URL(page.url()).pathname, '/if/flow/initial-setup/')
    await photograph(page, 'initial-setup')
    const { email, password } = people.admin
    await answer(page, { email, password, password_repeat: 'something else entirely' })
    assert.match(await page.locator('body').innerText(), /match|same/i, 'differing passwords are said to differ')
    assert.equal(await page.locator('[name="email"]').inputValue(), email, 'what was typed is kept')
    await photograph(page, 'initial-setup-error')
    await answer(page, { password, password_repeat: password })
    await page.waitForURL(`${place.origin}/if/**`)
    assert.equal(new URL(page.url()).pathname, '/if/user/')
    await photograph(page, 'library-empty')
    assert.deepEqual(complaints, [])
    await context.close()
  },
}

export const setupIsClosed = {
  name: 'afterwards the initial set-up is closed, and the administrator signs in',
  async tell({ place, browser, people, photograph }) {
    const { context, page } = await person(browser)
    const response = await page.goto(`${place.origin}/if/flow/initial-setup/`)
    assert.equal(response.status(), 403)
    await photograph(page, 'denied')
    await page.goto(`${place.origin}/`)
    await photograph(page, 'sign-in')
    await signIn(page, people.admin)
    assert.equal(new URL(page.url()).pathname, '/if/user/')
    const diagnostics = await page.goto(`${place.origin}/if/admin/diagnostics/`)
    assert.equal(diagnostics.status(), 200)
    await photograph(page, 'diagnostics')
    await context.close()
  },
}

export const applyBlueprints = {
  name: 'blueprints bring applications and open enrolment while the server runs',
  async tell(world) {
    const { place } = world
    world.callback = 'http://127.0.0.1:8765/callback'
    world.goodbye = 'http://127.0.0.1:8765/goodbye'
    place.cli('blueprint', 'apply', blueprint('enrolment'))
    const report = JSON.parse(
      place.cli(
        'blueprint', 'apply', blueprint('applications'), '--json',
        '--context', `client_callback=${world.callback}`, '--context', `client_goodbye=${world.goodbye}`,
      ),
    )
    world.clients = Object.fromEntries(
      report.entries
        .filter((entry) => entry.model === 'authentik_providers_oauth2.oauth2provider')
        .map((entry) => [entry.identifiers.name, entry.generated]),
    )
    for (const name of ['fastapi-demo', 'node-client']) {
      assert.ok(world.clients[name]?.client_id && world.clients[name]?.client_secret, `credentials of ${name}`)
    }
  },
}

export const restartKeepsEverything = {
  name: 'after a restart everybody is still there',
  async tell({ place, browser, people }) {
    const ended = await place.server.stop()
    assert.equal(ended.code, 0, 'SIGTERM ends the server in good order')
    await place.start()
    const { context, page } = await person(browser)
    await page.goto(`${place.origin}/`)
    await signIn(page, people.user)
    assert.equal(new URL(page.url()).pathname, '/if/user/')
    await context.close()
  },
}
