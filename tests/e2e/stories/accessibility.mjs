// Every kind of page, looked at by axe.
import { strict as assert } from 'node:assert'
import { violations } from '../lib/axe.mjs'
import { answer, person, signIn } from '../lib/browser.mjs'
import { crawl, everyFlow, openFlows } from '../lib/crawl.mjs'

async function look(page, faults, where) {
  for (const fault of await violations(page)) faults.add(`${where} (${new URL(page.url()).pathname}): ${fault}`)
}

const console_ = {
  name: 'axe finds nothing on any page of the console',
  async tell({ place, browser, people }) {
    const { context, page } = await person(browser, { javaScriptEnabled: true })
    await page.goto(`${place.origin}/`)
    await signIn(page, people.admin)
    const faults = new Set()
    const many = await crawl(page, `${place.origin}/if/admin/`, async (address, answered) => {
      assert(answered.ok(), `${address}: ${answered.status()}`)
      await look(page, faults, 'console')
    })
    await context.close()
    assert(many > 100, `only ${many} pages`)
    assert.deepEqual([...faults], [], `\n${[...faults].join('\n')}`)
  },
}

const flows = {
  name: 'axe finds nothing on any page of a flow, the library and the settings',
  async tell({ place, browser, people }) {
    const { context, page } = await person(browser, { javaScriptEnabled: true })
    const faults = new Set()
    const visit = async (where, path) => {
      await page.goto(`${place.origin}${path}`)
      await look(page, faults, where)
    }
    await visit('closed set-up', '/if/flow/initial-setup/')
    await visit('enrolment', '/if/flow/default-enrollment-flow/')
    await answer(page, { username: 'a b', name: 'x', email: 'x@example.com', password: 'a', password_repeat: 'b' })
    await look(page, faults, 'refused enrolment')
    await visit('unknown flow', '/if/flow/nowhere/')
    await visit('nowhere', '/nowhere/')
    await visit('recovery link', '/recovery/use-token/nothing/')
    await visit('farewell', '/if/session-end/')
    await visit('sign-in', '/')
    await answer(page, { uid_field: people.user.username })
    await look(page, faults, 'password')
    await answer(page, { password: 'wrong' })
    await look(page, faults, 'wrong password')
    await answer(page, { password: people.user.password })
    await look(page, faults, 'library')
    await visit('library without a match', '/if/user/?q=---')
    await crawl(page, `${place.origin}/if/user/`, () => look(page, faults, 'at home'))
    await visit('refused', '/if/admin/')
    await context.close()
    assert.deepEqual([...faults], [], `\n${[...faults].join('\n')}`)
  },
}

const journeys = {
  name: 'axe finds nothing on what people see on their way through any flow',
  async tell({ place, browser, people, album }) {
    const faults = new Set()
    const admin = await person(browser)
    await admin.page.goto(`${place.origin}/`)
    await signIn(admin.page, people.admin)
    const slugs = await everyFlow(admin.page, place.origin)
    assert(slugs.length > 10, `only ${slugs}`)
    await admin.context.close()
    const { context, page } = await person(browser, { javaScriptEnabled: true })
    const see = (where) => look(page, faults, where)
    await openFlows(page, place.origin, slugs, see)
    await page.goto(`${place.origin}/if/user/`)
    await signIn(page, people.user)
    await openFlows(page, place.origin, slugs, see, people.user)
    await album.show(page, place.origin, (kept) => [kept], see)
    await context.close()
    assert.deepEqual([...faults], [], `\n${[...faults].join('\n')}`)
  },
}

export { console_ as console, flows, journeys }
