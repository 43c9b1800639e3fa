// Every kind of page, looked at by axe.
import { strict as assert } from 'node:assert'
import { violations } from '../lib/axe.mjs'
import { answer, person, signIn } from '../lib/browser.mjs'

/** Addresses that show the same page with another object are looked at once. */
const shape = (address) => {
  const { pathname, searchParams } = new URL(address)
  const key = /^(?:[\da-f-]{36}|\d+)$/
  const parts = pathname.split('/').map((part) => (key.test(part) ? '*' : part))
  const place = parts.slice(0, 5).join('/')
  const named = parts[5] && !parts[5].startsWith('~') && place !== '/if/admin/flow/stages' ? '*' : parts[5]
  return [place, named, ...parts.slice(6), [...searchParams.keys()].filter((name) => name === 'kind')].join('/')
}

async function look(page, faults, where) {
  for (const fault of await violations(page)) faults.add(`${where} (${new URL(page.url()).pathname}): ${fault}`)
}

const console_ = {
  name: 'axe finds nothing on any page of the console',
  async tell({ place, browser, people }) {
    const { context, page } = await person(browser, { javaScriptEnabled: true })
    await page.goto(`${place.origin}/`)
    await signIn(page, people.admin)
    const ahead = [`${place.origin}/if/admin/`]
    const seen = new Set()
    const faults = new Set()
    while (ahead.length > 0) {
      const address = ahead.shift()
      const shown = shape(address)
      if (seen.has(shown)) continue
      seen.add(shown)
      const answered = await page.goto(address)
      if (!(answered.headers()['content-type'] ?? '').startsWith('text/html')) continue
      assert(answered.ok(), `${address}: ${answered.status()}`)
      await look(page, faults, 'console')
      const links = await page.locator('a[href*="/if/admin/"]:not([download])').evaluateAll((all) => all.map((link) => link.href))
      ahead.push(...links.filter((link) => link.startsWith(place.origin) && !/export|format=/.test(link)))
    }
    await context.close()
    assert(seen.size > 100, `only ${seen.size} pages`)
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
    await visit('settings', '/if/user/settings/')
    await visit('profile', '/if/flow/default-user-settings-flow/')
    await visit('password change', '/if/flow/default-password-change/')
    await visit('refused', '/if/admin/')
    await context.close()
    assert.deepEqual([...faults], [], `\n${[...faults].join('\n')}`)
  },
}

export { console_ as console, flows }
