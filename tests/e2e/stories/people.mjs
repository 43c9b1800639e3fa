// What people do who only want to get at their applications. No script runs in any of it.
import { strict as assert } from 'node:assert'
import { join } from 'node:path'
import { answer, person, signIn } from '../lib/browser.mjs'
import { root, startRelyingParty, until } from '../lib/processes.mjs'

export const enrol = {
  name: 'a person enrols through the link on the sign-in page, without a script',
  async tell({ place, browser, people, photograph }) {
    const { username, name, email, password } = people.user
    const { context, page, complaints } = await person(browser)
    // The running server learns of the blueprint by the change it left in the database.
    await until('the link to enrolment', async () => {
      await page.goto(`${place.origin}/if/flow/default-authentication-flow/`)
      return page.locator('a[href*="default-enrollment-flow"]').count()
    })
    await page.locator('a[href*="default-enrollment-flow"]').click()
    await photograph(page, 'enrolment')
    await answer(page, { username, name, email, password, password_repeat: password })
    assert.equal(new URL(page.url()).pathname, '/if/user/')
    assert.match(await page.locator('body').innerText(), /FastAPI demo/)
    assert.deepEqual(complaints, [])
    await context.close()
  },
}

export const wrongPasswordThenRight = {
  name: 'a wrong password is said so beside the field, and the right one still signs in',
  async tell({ place, browser, people, photograph }) {
    const { context, page } = await person(browser, { locale: 'ko-KR' })
    await page.goto(`${place.origin}/`)
    assert.equal(await page.locator('html').getAttribute('lang'), 'ko')
    await photograph(page, 'sign-in-ko')
    await answer(page, { uid_field: people.user.username })
    await photograph(page, 'password-ko')
    await answer(page, { password: 'wrong' })
    assert.equal(await page.locator('[name="password"]').getAttribute('aria-invalid'), 'true')
    await photograph(page, 'password-wrong-ko')
    await answer(page, { password: people.user.password })
    assert.equal(new URL(page.url()).pathname, '/if/user/')
    await photograph(page, 'library-ko')
    await context.close()
  },
}

export const rememberedAndShown = {
  name: 'a device remembers a name and shows a password while it is typed, if a script runs and the person wants it',
  async tell({ place, browser, people, photograph }) {
    const { username, password } = people.user
    place.cli('blueprint', 'apply', join(root, 'tests', 'e2e', 'blueprints', 'one-page.yaml'))
    const address = `${place.origin}/if/flow/one-page/`
    const plain = await person(browser)
    await until('the flow', async () => (await plain.page.goto(address)).ok())
    assert.ok(!(await plain.page.locator('[data-remember], [data-reveal]').first().isVisible()))
    await plain.context.close()
    const { context, page, complaints } = await person(browser, { javaScriptEnabled: true })
    await page.goto(address)
    const [name, secret] = [page.locator('[name="uid_field"]'), page.locator('[name="password"]')]
    await name.fill(username)
    await secret.fill(password)
    await page.getByRole('button', { name: 'Show password' }).click()
    assert.equal(await secret.getAttribute('type'), 'text')
    await photograph(page, 'sign-in-one-page')
    await page.getByRole('button', { name: 'Hide password' }).click()
    assert.equal(await secret.getAttribute('type'), 'password')
    await page.locator('[data-remember] input').check()
    await page.locator('form button[type="submit"]').click()
    await page.waitForURL(`${place.origin}/if/user/`)
    await context.clearCookies()
    await page.goto(address)
    assert.equal(await name.inputValue(), username)
    await page.locator('[data-remember] input').uncheck()
    await secret.fill('wrong')
    await page.locator('form button[type="submit"]').click()
    await page.locator('[aria-invalid]').waitFor()
    await page.goto(address)
    assert.equal(await name.inputValue(), '')
    assert.deepEqual(complaints, [])
    await context.close()
  },
}

/** The acceptance walk: login link, hosted pages, greeting, protected API, logout. */
async function walk(world, issuer) {
  const { place, browser, people, demoApp, clients, photograph } = world
  const relyingParty = await startRelyingParty(place, demoApp, { issuer, ...clients['fastapi-demo'] })
  try {
    const { context, page } = await person(browser)
    await page.goto('http://localhost:8000/')
    await page.locator('a[href="/login"]').click()
    assert.equal(new URL(page.url()).origin, place.origin)
    await photograph(page, 'sign-in-for-application')
    await signIn(page, people.user)
    assert.equal(page.url(), 'http://localhost:8000/', relyingParty.tail())
    assert.match(await page.locator('h1').innerText(), new RegExp(`Hello, ${people.user.name}`))
    await page.locator('a[href="/api/hello"]').click()
    assert.match(await page.locator('body').innerText(), new RegExp(`Hello, ${people.user.username}!`))
    await page.goto('http://localhost:8000/')
    await page.locator('a[href="/logout"]').click()
    assert.doesNotMatch(await page.locator('h1').innerText(), /Hello/)
    // The session with us is alive: the second time nobody is asked.
    await page.locator('a[href="/login"]').click()
    assert.equal(page.url(), 'http://localhost:8000/')
    await context.close()
  } finally {
    await relyingParty.stop()
  }
}

export const demoApplication = {
  name: 'an unmodified FastAPI application receives the user (issuer without a slash at the end)',
  tell: (world) => walk(world, `${world.place.origin}/application/o/fastapi-demo`),
}

export const demoApplicationWithSlash = {
  name: 'an unmodified FastAPI application receives the user (issuer with a slash at the end)',
  tell: (world) => walk(world, `${world.place.origin}/application/o/fastapi-demo/`),
}

export const library = {
  name: 'the application is a tile in the library and is launched from there',
  async tell(world) {
    const { place, browser, people, demoApp, clients, photograph } = world
    const issuer = `${place.origin}/application/o/fastapi-demo`
    const relyingParty = await startRelyingParty(place, demoApp, { issuer, ...clients['fastapi-demo'] })
    try {
      const { context, page } = await person(browser)
      await page.goto(`${place.origin}/if/user/`)
      await signIn(page, people.user)
      await photograph(page, 'library')
      await page.locator('a[href*="/application/launch/fastapi-demo/"]').first().click()
      assert.equal(page.url(), 'http://localhost:8000/')
      await page.goto(`${place.origin}/if/user/settings/`)
      await photograph(page, 'settings')
      await context.close()
    } finally {
      await relyingParty.stop()
    }
  },
}

export const signOut = {
  name: 'sign-out ends the session',
  async tell({ place, browser, people, photograph }) {
    const { context, page } = await person(browser)
    await page.goto(`${place.origin}/if/user/`)
    await signIn(page, people.user)
    await page.locator('form[action*="invalidation"] button, form[action*="sign-out"] button').first().click()
    await photograph(page, 'signed-out')
    const cookies = await context.cookies(place.origin)
    assert.ok(!cookies.some(({ name }) => name.endsWith('countersign_session')), 'the session cookie is gone')
    await page.goto(`${place.origin}/if/user/`)
    assert.match(page.url(), /\/if\/flow\/default-authentication-flow\//)
    await context.close()
  },
}
