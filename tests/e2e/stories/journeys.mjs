// The journeys that ship ready, each walked by somebody without a script, with the mail read from a mail server.
import { strict as assert } from 'node:assert'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { answer, person, signIn } from '../lib/browser.mjs'
import { CaptchaMaker } from '../lib/captcha.mjs'
import { Authority } from '../lib/certificates.mjs'
import { root, until } from '../lib/processes.mjs'

const examples = join(root, 'blueprints', 'example')

/** Applications, which other stories bring their own of. */
const elsewhere = (file) => file.startsWith('first-application')

/** A browser of somebody at an address of ours, and what he does with it. */
async function somebody({ place, browser, album }, options, origin = place.origin) {
  const { context, page, complaints } = await person(browser, options)
  const keeping = (move) => async (...what) => {
    const done = await move(...what)
    await album.keep(page)
    return done
  }
  return {
    page,
    visit: keeping((address) => page.goto(address.startsWith('http') ? address : `${origin}${address}`)),
    answer: keeping((fields) => answer(page, fields)),
    go: keeping(() => page.locator('form button[type="submit"]').first().click()),
    press: keeping((button) => page.locator(button).click()),
    says: async (words) => assert.match(await page.locator('body').innerText(), words),
    async isSignedIn() {
      const probe = await context.newPage()
      await probe.goto(`${origin}/if/user/`)
      const { pathname } = new URL(probe.url())
      await probe.close()
      return pathname === '/if/user/'
    },
    async leave() {
      assert.deepEqual(complaints, [])
      await context.close()
    },
  }
}

/** Somebody with an account, made for one journey through the enrolment that other stories opened. */
async function withAccount(world, username) {
  const one = await somebody(world)
  const password = `Walnut-Harbour-${username}-5`
  await one.visit('/if/flow/default-enrollment-flow/')
  const email = `${username}@example.com`
  await one.answer({ username, name: `Walker ${username}`, email, password, password_repeat: password })
  assert.ok(await one.isSignedIn(), username)
  return Object.assign(one, { username, password, email })
}

/** A browser of somebody at another machine, as a proxy that we trust says. */
const fromAfar = (address) => ({ javaScriptEnabled: true, extraHTTPHeaders: { 'X-Forwarded-For': address } })

/** Applies a blueprint that only a story needs. */
function apply(place, name, text) {
  const path = join(place.directory, `${name}.yaml`)
  writeFileSync(path, text)
  place.cli('blueprint', 'apply', path)
}

/** Opens a flow that was applied while the server runs. */
async function begin(one, slug) {
  const path = `/if/flow/${slug}/`
  await until(`the flow ${slug}`, async () => (await one.visit(path)).status() !== 404)
}

const walks = {
  async 'flows-enrollment-2-stage.yaml'(world) {
    const one = await somebody(world)
    const password = 'Walnut-Harbour-two-5'
    await begin(one, 'enrollment-two-stage')
    await one.answer({ username: 'walker-two', password, password_repeat: password })
    await one.answer({ name: 'Walker Two', email: 'walker-two@example.com' })
    assert.ok(await one.isSignedIn())
    await one.leave()
  },

  async 'flows-enrollment-email-verification.yaml'(world) {
    const [desk, phone] = [await somebody(world), await somebody(world)]
    const password = 'Walnut-Harbour-mail-5'
    const email = 'walker-mail@example.com'
    await begin(desk, 'enrollment-email')
    await desk.answer({ username: 'walker-mail', name: 'Walker Mail', email, password, password_repeat: password })
    await desk.says(/Look into your inbox/)
    const letter = await world.inbox.to(email)
    await phone.visit(letter.link)
    await phone.go()
    assert.ok(await phone.isSignedIn())
    assert.ok(!(await desk.isSignedIn()))
    await phone.leave()
    await desk.leave()
  },

  async 'flows-enrollment-invitation.yaml'(world) {
    const { people } = world
    const [admin, guest] = [await somebody(world), await somebody(world)]
    await begin(guest, 'enrollment-invitation')
    await guest.says(/You need an invitation/)
    await admin.visit('/')
    await signIn(admin.page, people.admin)
    await admin.visit('/if/admin/flow/stages/invitations/~new/')
    await admin.page.locator('[name="name"]').fill('for-a-walker')
    const flow = admin.page.locator('select[name="flow"]')
    const choice = flow.locator('option', { hasText: /invitation/i })
    await flow.selectOption(await choice.first().getAttribute('value'))
    await admin.page.locator('button.primary').click()
    await admin.visit('/if/admin/flow/stages/invitations/')
    await admin.page.locator('a', { hasText: 'for-a-walker' }).first().click()
    const key = new URL(admin.page.url()).pathname.match(/[\da-f-]{36}/)?.[0]
    assert.ok(key, admin.page.url())
    const password = 'Walnut-Harbour-guest-5'
    await guest.visit(`/if/flow/enrollment-invitation/?itoken=${key}`)
    await guest.answer({ username: 'walker-guest', name: 'Walker Guest', email: 'walker-guest@example.com', password, password_repeat: password })
    assert.ok(await guest.isSignedIn())
    await guest.leave()
    await admin.leave()
  },

  async 'flows-recovery-email-verification.yaml'(world) {
    const known = await withAccount(world, 'walker-lost')
    await known.leave()
    const one = await somebody(world)
    await begin(one, 'default-recovery-flow')
    await one.answer({ uid_field: known.email })
    await one.says(/Look into your inbox/)
    await one.visit((await world.inbox.to(known.email)).link)
    await one.go()
    const password = 'Copper-Meadow-found-8'
    await one.answer({ password, password_repeat: password })
    assert.ok(await one.isSignedIn())
    await one.leave()
    const again = await somebody(world)
    await again.visit('/')
    await signIn(again.page, { username: known.username, password })
    assert.ok(await again.isSignedIn())
    await again.leave()
  },

  async 'flows-recovery-email-mfa-verification.yaml'(world) {
    const { place, inbox, authority } = world
    const [known, mallory] = [await withAccount(world, 'walker-card'), await withAccount(world, 'walker-mallory')]
    await known.leave()
    await mallory.leave()
    const password = 'Copper-Meadow-card-8'
    for (const [certificate, words] of [
      [undefined, /your browser sent none/],
      [authority.issue(mallory), /not accepted here/],
      [authority.issue(known), undefined],
    ]) {
      const shown = certificate && { clientCertificates: [{ origin: place.secureOrigin, ...certificate }] }
      const one = await somebody(world, { ignoreHTTPSErrors: true, ...shown }, place.secureOrigin)
      await begin(one, 'recovery-email-mfa')
      await one.answer({ uid_field: known.username })
      await one.says(/Look into your inbox/)
      await one.visit((await inbox.to(known.email)).link)
      await one.go()
      if (words) {
        await one.says(words)
        await world.photograph(one.page, certificate ? 'certificate-refused' : 'certificate-missing')
        await one.page.locator('main .actions a').click()
        await one.says(/Sign in/)
      } else {
        await one.answer({ password, password_repeat: password })
      }
      assert.equal(await one.isSignedIn(), !words)
      await one.leave()
    }
    const again = await somebody(world)
    await again.visit('/')
    await signIn(again.page, { username: known.username, password })
    assert.ok(await again.isSignedIn())
    await again.leave()
  },

  async 'flows-login-conditional-captcha.yaml'(world) {
    const { captcha } = world
    const [known, other] = [await withAccount(world, 'walker-guessed'), await withAccount(world, 'walker-trusted')]
    await known.leave()
    await other.leave()
    const named = async (one, { username }) => {
      await begin(one, 'login-conditional-captcha')
      await one.answer({ uid_field: username })
    }
    const asks = (one, name) => one.page.locator(`input[name="${name}"]`).count()
    const thief = await somebody(world, fromAfar('203.0.113.66'))
    await named(thief, known)
    for (let guess = 0; guess < 4; guess += 1) await thief.answer({ password: `guess ${guess}` })
    const one = await somebody(world, fromAfar('203.0.113.20'))
    // Scores are written a moment later, and what an administrator set is known a moment later.
    await until('a captcha of ours', async () => {
      await named(one, known)
      return one.page.locator(`[data-script="${captcha.origin}/widget.js"]`).count()
    })
    const solve = async (words) => {
      await one.page.getByRole('button', { name: words, exact: true }).click()
      await one.go()
    }
    await one.page.getByRole('button', { name: 'I am a person' }).waitFor()
    await world.photograph(one.page, 'captcha')
    await one.go()
    await one.says(/Complete the check to continue/)
    await solve('I am a program')
    await one.says(/The check did not succeed/)
    await world.photograph(one.page, 'captcha-wrong')
    assert.equal(await asks(one, 'password'), 0)
    assert.ok(!(await one.isSignedIn()))
    await solve('I am a person')
    await one.answer({ password: known.password })
    assert.ok(await one.isSignedIn())
    assert.deepEqual(captcha.asked.map(({ address }) => address), ['203.0.113.20', '203.0.113.20'])
    // At whose account nobody guesses, he is not asked.
    const trusted = await somebody(world, fromAfar('203.0.113.21'))
    await named(trusted, other)
    assert.equal(await asks(trusted, 'token'), 0)
    await trusted.answer({ password: other.password })
    assert.ok(await trusted.isSignedIn())
    for (const walker of [thief, one, trusted]) await walker.leave()
  },

  async 'flows-login-magic-link.yaml'(world) {
    const known = await withAccount(world, 'walker-link')
    const [desk, phone, laptop] = [await somebody(world), await somebody(world), await somebody(world)]
    await begin(desk, 'login-magic-link')
    await desk.answer({ uid_field: known.email })
    await desk.says(/Open the link in it in this browser/)
    await world.photograph(desk.page, 'proof-link-waiting')
    await desk.visit((await world.inbox.to(known.email)).link)
    await desk.says(/Go on\?/)
    assert.ok(!(await desk.isSignedIn()))
    await desk.go()
    assert.ok(await desk.isSignedIn())
    // With the mail on another device, where somebody is signed in or not.
    for (const mail of [phone, known]) {
      const asks = mail === phone ? laptop : await somebody(world)
      await asks.visit('/if/flow/login-magic-link/')
      await asks.answer({ uid_field: known.email })
      await mail.visit((await world.inbox.to(known.email)).link)
      await mail.says(/Go on where you began/)
      await world.photograph(mail.page, 'proof-link-elsewhere')
      const [code] = (await mail.page.locator('main').innerText()).match(/^\d{6}$/m)
      await asks.answer({ code })
      assert.ok(await asks.isSignedIn())
      if (asks !== laptop) await asks.leave()
    }
    assert.ok(!(await phone.isSignedIn()))
    for (const one of [known, desk, phone, laptop]) await one.leave()
  },

  async 'flows-login-email-code.yaml'(world) {
    const known = await withAccount(world, 'walker-code')
    await known.leave()
    const one = await somebody(world)
    await begin(one, 'login-email-code')
    await one.answer({ uid_field: known.username })
    const { code } = await world.inbox.to(known.email)
    await world.photograph(one.page, 'proof-code')
    await one.answer({ code: code === '000000' ? '000001' : '000000' })
    await one.says(/That is not the code/)
    await world.photograph(one.page, 'proof-code-wrong')
    await one.press('button[name="resend"]')
    await one.says(/Another message is on its way/)
    await world.photograph(one.page, 'proof-code-again')
    await one.answer({ code: (await world.inbox.to(known.email)).code })
    assert.ok(await one.isSignedIn())
    await one.leave()
  },

  async 'flows-email-change.yaml'(world) {
    const one = await withAccount(world, 'walker-moved')
    const email = 'walker-moved@example.org'
    await begin(one, 'email-change')
    await one.answer({ password: one.password })
    await one.answer({ email })
    await one.says(/A message to walker-moved@example.org is on its way/)
    await world.photograph(one.page, 'proof-new-address')
    await one.answer({ code: (await world.inbox.to(email)).code })
    await one.visit('/if/flow/default-user-settings-flow/')
    assert.equal(await one.page.locator('[name="email"]').inputValue(), email)
    await one.leave()
  },

  async 'flows-unenrollment.yaml'(world) {
    const one = await withAccount(world, 'walker-gone')
    await begin(one, 'default-unenrollment-flow')
    await one.says(/Delete your account\?/)
    await one.go()
    assert.ok(!(await one.isSignedIn()))
    await one.visit('/if/flow/default-authentication-flow/')
    await signIn(one.page, one)
    assert.ok(!(await one.isSignedIn()))
    await one.leave()
  },
}

/** What administrators set before or after they apply a journey, and what ends when it was walked. */
const surroundings = {
  'flows-recovery-email-mfa-verification.yaml': {
    before(world) {
      world.authority = new Authority(world.place)
      apply(world.place, 'authority', `
version: 1
metadata: { name: who issues certificates }
entries:
  - model: authentik_crypto.certificatekeypair
    id: authority
    identifiers: { name: authority-of-the-stories }
    attrs:
      certificate_data: |
        ${world.authority.pem.trim().replaceAll('\n', '\n        ')}
  - model: authentik_brands.brand
    identifiers: { domain: authentik-default }
    attrs: { client_certificates: [!KeyOf authority] }
`)
    },
  },
  'flows-login-conditional-captcha.yaml': {
    async after(world) {
      const keys = { siteKey: 'site-of-the-stories', secret: 'secret-of-the-stories' }
      world.captcha = await CaptchaMaker.open(keys)
      apply(world.place, 'captcha', `
version: 1
metadata: { name: who makes captchas }
entries:
  - model: authentik_stages_captcha.captchastage
    identifiers: { name: login-conditional-captcha-captcha }
    attrs:
      public_key: ${keys.siteKey}
      private_key: ${keys.secret}
      js_url: ${world.captcha.origin}/widget.js
      api_url: ${world.captcha.origin}/siteverify
      interactive: true
`)
    },
    end: ({ captcha }) => captcha.close(),
  },
}

const walked = Object.entries(walks).map(([file, walk]) => ({
  name: `blueprints/example/${file} is walked`,
  async tell(world) {
    const { before, after, end } = surroundings[file] ?? {}
    await before?.(world)
    world.place.cli('blueprint', 'apply', join(examples, file))
    await after?.(world)
    try {
      await walk(world)
    } finally {
      await end?.(world)
    }
  },
}))

const complete = {
  name: 'every journey that ships has a walk',
  tell() {
    const shipped = readdirSync(examples).filter((file) => file.endsWith('.yaml') && !elsewhere(file))
    assert.deepEqual(shipped.sort(), Object.keys(walks).sort())
  },
}

/** Those of the default set that no other story walks. */
const ofTheDefaultSet = [
  {
    name: 'the default journeys change a password and a profile',
    async tell(world) {
      const one = await withAccount(world, 'walker-default')
      const password = 'Copper-Meadow-new-8'
      await one.visit('/if/flow/default-password-change/')
      await one.answer({ password, password_repeat: password })
      await one.visit('/if/flow/default-user-settings-flow/')
      await one.answer({ name: 'Walker of Another Name' })
      await one.visit('/if/flow/default-user-settings-flow/')
      assert.equal(await one.page.locator('[name="name"]').inputValue(), 'Walker of Another Name')
      await one.visit('/if/flow/default-invalidation-flow/')
      if (await one.page.locator('main form button').count()) await one.go()
      assert.ok(!(await one.isSignedIn()))
      await one.visit('/if/flow/default-authentication-flow/')
      await signIn(one.page, { username: one.username, password })
      assert.ok(await one.isSignedIn())
      await one.leave()
    },
  },
]

export const all = [complete, ...ofTheDefaultSet, ...walked]
