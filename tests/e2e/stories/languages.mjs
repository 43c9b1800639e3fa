// Whoever reads Korean or Chinese reads no English: not on pages, not in defaults that nobody changed.
import { strict as assert } from 'node:assert'
import { answer, person, signIn } from '../lib/browser.mjs'
import { crawl, everyFlow, openFlows } from '../lib/crawl.mjs'

export const LOCALES = ['ko-KR', 'zh-CN']

/** Names, and words that are the same in every language. */
const NAMES = new Set(
  `Countersign Node client FastAPI demo Examples Kim Ji woo jiwoo akadmin admin example com name English Chrome Headless
  HeadlessChrome Linux Cookie JavaScript UTC localhost http https JSON URL
  openid profile email offline access Ctrl OAuth OpenID Python TypeScript application Three doors`.split(/\s+/),
)
/** Names of several words. */
const PRODUCTS = ['Google Workspace', 'Microsoft Entra']
/** What administrators wrote, and what is meant for them. */
const OWN_WORDS = [
  /Greets whoever signs in/g, /Countersign Default Admin/g, /[\w.-]+@[\w.-]+/g, /\b[\da-f]{32}\b/g, /nobody-at-all/g,
  /\bWalker\b/g, /\bwalker-\w+/g,
  // What sentences quote is what somebody called it.
  /[“‘「『][^”’」』]*[”’」』]/g,
]

/** Flows that an administrator made in his own words. */
const OWN_FLOWS = new Set(['join-us'])

/** The words in Latin letters that a page shows or reads out. */
async function latin(page) {
  const text = await page.locator('html').evaluate((html) => {
    const parts = [document.title]
    const walker = document.createTreeWalker(html.querySelector('body'), NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
      if (!walker.currentNode.parentElement.closest('script, style, code, pre, svg, [aria-hidden="true"]')) parts.push(walker.currentNode.data)
    }
    for (const name of ['placeholder', 'aria-label', 'title', 'alt']) {
      for (const element of html.querySelectorAll(`[${name}]`)) parts.push(element.getAttribute(name))
    }
    return parts.join('\n')
  })
  const rest = OWN_WORDS.reduce((rest, own) => rest.replace(own, ' '), text)
  return [...new Set(rest.match(/[A-Za-z]{2,}/g) ?? [])].filter((word) => !NAMES.has(word))
}

/** Notes what is English on the pages that one person sees. */
async function reader(browser, locale) {
  const { context, page } = await person(browser, { locale })
  const faults = []
  const look = async (where) => {
    const lang = await page.locator('html').getAttribute('lang')
    if (!locale.startsWith(lang.slice(0, 2))) faults.push(`${locale} ${where}: the page says it is in ${lang}`)
    const words = await latin(page)
    if (words.length > 0) faults.push(`${locale} ${where} (${page.url()}): ${words.join(' ')}`)
  }
  const visit = async (where, address) => {
    await page.goto(address)
    await look(where)
  }
  return { context, page, faults, look, visit }
}

export const setUp = {
  name: 'the initial set-up speaks Korean and Chinese',
  async tell({ place, browser, people, photograph }) {
    for (const locale of LOCALES) {
      const { context, page, faults, look, visit } = await reader(browser, locale)
      await visit('initial set-up', `${place.origin}/`)
      await photograph(page, `initial-setup-${locale}`)
      const { email, password } = people.admin
      await answer(page, { email, password, password_repeat: 'something else' })
      await look('differing passwords')
      await answer(page, { password: 'short', password_repeat: 'short' })
      await look('short password')
      await context.close()
      assert.deepEqual(faults, [])
    }
  },
}

export const everyPage = {
  name: 'no page speaks English to whoever reads Korean or Chinese',
  async tell(world) {
    for (const locale of LOCALES) {
      const { context, page, faults, look, visit } = await reader(world.browser, locale)
      await strangers(world, { page, look, visit })
      await signedIn(world, { page, look, visit, locale })
      await leaving(world, { page, look, visit, locale })
      await context.close()
      assert.deepEqual(faults, [], `\n${faults.join('\n')}`)
      await administrators(world, locale)
    }
  },
}

export const journeys = {
  name: 'no flow speaks English to whoever reads Korean or Chinese, wherever one is in it',
  async tell({ place, browser, people, album }) {
    const admin = await person(browser)
    await admin.page.goto(`${place.origin}/`)
    await signIn(admin.page, people.admin)
    const slugs = (await everyFlow(admin.page, place.origin)).filter((slug) => !OWN_FLOWS.has(slug))
    await admin.context.close()
    for (const locale of LOCALES) {
      const { context, page, faults, look } = await reader(browser, locale)
      await openFlows(page, place.origin, slugs, look)
      await page.goto(`${place.origin}/if/user/`)
      await signIn(page, people.user)
      await openFlows(page, place.origin, slugs, look, people.user)
      await album.show(page, place.origin, ({ others }) => others.filter((other) => other.locale === locale), look)
      await context.close()
      assert.deepEqual(faults, [], `\n${faults.join('\n')}`)
    }
  },
}

/** Before signing in. */
async function strangers({ place, clients }, { page, look, visit }) {
  const { origin } = place
  await visit('closed set-up', `${origin}/if/flow/initial-setup/`)
  await visit('enrolment', `${origin}/if/flow/default-enrollment-flow/`)
  await answer(page, { username: 'a b', name: 'x', email: 'x@example.com', password: 'a', password_repeat: 'b' })
  await look('refused enrolment')
  await visit('nowhere', `${origin}/nowhere/`)
  await visit('unknown flow', `${origin}/if/flow/nowhere/`)
  await visit('recovery link', `${origin}/recovery/use-token/nothing/`)
  await page.locator('form button[type="submit"]').first().click()
  await look('used recovery link')
  await visit('farewell', `${origin}/if/session-end/`)
  await visit('sign-in for an application', authorize(place, clients))
  await visit('sign-in', `${origin}/`)
  await answer(page, { uid_field: 'nobody-at-all' })
  await look('password')
  await answer(page, { password: 'wrong' })
  await look('wrong password')
}

/** Between signing in and out. */
async function signedIn({ place, clients, people, photograph }, { page, look, visit, locale }) {
  const { origin } = place
  await page.goto(`${origin}/if/user/`)
  await signIn(page, people.user)
  await look('library')
  await visit('search in vain', `${origin}/if/user/?q=---`)
  await crawl(page, `${origin}/if/user/`, () => look('at home'))
  await visit('settings', `${origin}/if/user/settings/`)
  await photograph(page, `settings-${locale}`)
  for (const done of ['saved', 'ended', 'revoked']) await visit(done, `${origin}/if/user/settings/?done=${done}`)
  await visit('profile', `${origin}/if/flow/default-user-settings-flow/`)
  await answer(page, { email: 'other@example.com' })
  await look('refused profile')
  await photograph(page, `profile-${locale}`)
  await visit('password change', `${origin}/if/flow/default-password-change/`)
  await answer(page, { password: 'short', password_repeat: 'short' })
  await look('refused password')
  await visit('consent', authorize(place, clients))
  await photograph(page, `consent-${locale}`)
  await visit('enrolment of somebody with an account', `${origin}/if/flow/default-enrollment-flow/`)
  await visit('administration', `${origin}/if/admin/`)
  await visit('unknown application', `${origin}/application/launch/nowhere/`)
}

/** On the way out. */
async function leaving({ place, people, photograph }, { page, look, visit, locale }) {
  const { origin } = place
  await visit('signed out of an application', `${origin}/application/o/fastapi-demo/end-session/`)
  await visit('farewell of an application', `${origin}/if/session-end/fastapi-demo/`)
  await page.goto(`${origin}/if/user/`)
  if (await page.locator('[name="uid_field"]').count()) await signIn(page, people.user)
  await page.locator('form[action*="invalidation"] button, form[action*="sign-out"] button').first().click()
  await look('signed out')
  await photograph(page, `signed-out-${locale}`)
}

/** The console in the words of a language: names that people and products have stand beside what it says itself. */
async function administrators({ place, browser, people, database }, locale) {
  const { context, page, faults, look } = await reader(browser, locale)
  await page.goto(`${place.origin}/`)
  await signIn(page, people.admin)
  await page.goto(`${place.origin}/if/admin/`)
  await look('administration')
  // What the console says does not come from the database.
  if (database === 'sqlite') {
    const many = await crawl(page, `${place.origin}/if/admin/`, async (address) => {
      for (const phrase of await phrases(page)) faults.push(`${locale} ${address}: ${phrase}`)
    })
    assert(many > 100, `only ${many} pages`)
  }
  await context.close()
  assert.deepEqual([...new Set(faults)], [], `\n${faults.join('\n')}`)
}

/** Several English words in a row in what the console says itself: labels, help, headings of columns, buttons. */
async function phrases(page) {
  const own = 'label, legend, th[scope="col"], button, .help, summary, dt, .tabs a, .rail a, .notice'
  const said = await page.locator(own).evaluateAll((all) =>
    all
      .filter((part) => !part.closest('.picks, .secrets'))
      .map((part) => [...part.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data).join(' ')),
  )
  const rest = PRODUCTS.reduce((rest, name) => rest.replaceAll(name, ' '), said.join('\n'))
  return rest.match(/[A-Za-z]{2,}(?: [A-Za-z]{2,})+/g) ?? []
}

/** A request of the application that asks for consent each time. */
function authorize({ origin }, clients) {
  const query = new URLSearchParams({
    client_id: clients['node-client'].client_id,
    redirect_uri: 'http://127.0.0.1:8765/callback',
    response_type: 'code',
    scope: 'openid profile email offline_access',
    prompt: 'consent',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  })
  return `${origin}/application/o/authorize/?${query}`
}
