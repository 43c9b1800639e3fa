// What an administrator does in the console, with scripts as browsers have them.
import { strict as assert } from 'node:assert'
import { person, signIn } from '../lib/browser.mjs'

/** The address of a new object's page, after its form was sent. */
async function made(page, address, fields) {
  await page.goto(address)
  await fill(page, fields)
  await page.locator('form.form button[type="submit"].primary').click()
  await page.waitForURL(/done=/)
  return new URL(page.url())
}

async function fill(page, fields) {
  for (const [name, value] of Object.entries(fields)) {
    const field = page.locator(`form.form [name="${name}"]`)
    if ((await field.first().evaluate((element) => element.tagName)) === 'SELECT') await field.selectOption(value)
    else await field.fill(value)
  }
}

/** Ticks the boxes with these words. */
async function tick(page, name, words) {
  for (const word of words) await page.locator(`label:has([name="${name}"])`, { hasText: word }).locator('input').check()
}

export const enrolmentFromNothing = {
  name: 'an administrator builds an enrolment flow from nothing in the console, and somebody enrols through it',
  async tell({ place, browser, people, photograph }) {
    const { context, page, complaints } = await person(browser, { javaScriptEnabled: true })
    await page.goto(`${place.origin}/`)
    await signIn(page, people.admin)
    const at = (path) => `${place.origin}/if/admin/${path}`
    await made(page, at('identity/groups/~new/'), { name: 'Newcomers' })
    const flow = await made(page, at('flow/flows/~new/'), {
      name: 'Join us', slug: 'join-us', title: 'Join us', designation: 'enrollment',
    })
    await photograph(page, 'console-flow-empty')
    const prompts = [
      ['username', 'User name', 'username'], ['name', 'Name', 'text'],
      ['password', 'Password', 'password'], ['password_repeat', 'Password again', 'password'],
    ]
    for (const [index, [key, label, type]] of prompts.entries()) {
      await made(page, at('flow/stages/prompts/~new/'), {
        name: `join-us ${key}`, field_key: key, label, type, order: String(index),
      })
    }
    await page.goto(flow.origin + flow.pathname)
    await page.getByRole('link', { name: 'Add stage' }).first().click()
    await photograph(page, 'console-flow-stage')
    await page.getByRole('link', { name: /^Prompt Stage/ }).click()
    await fill(page, { name: 'join-us questions' })
    await tick(page, 'fields', prompts.map(([key]) => `join-us ${key}`).map((name) => new RegExp(`^${name}$`)))
    await photograph(page, 'console-flow-stage-new')
    await page.getByRole('button', { name: 'Create and add' }).click()
    await page.waitForURL(/done=bound/)
    const add = async (kind, fields) => {
      await page.goto(`${flow.origin}${flow.pathname}~stage/?kind=${kind}`)
      await fill(page, fields)
      await page.getByRole('button', { name: 'Create and add' }).click()
      await page.waitForURL(/done=bound/)
    }
    await add('authentik_stages_user_login.userloginstage', { name: 'join-us login' })
    await add('authentik_stages_user_write.userwritestage', {
      name: 'join-us write', create_users_group: { label: 'Newcomers' },
    })
    await page.getByRole('button', { name: 'Move up: join-us write' }).click()
    await page.waitForURL(/done=ordered/)
    assert.deepEqual(await page.locator('.flow-what h3 a').allInnerTexts(), [
      'join-us questions', 'join-us write', 'join-us login',
    ])
    await photograph(page, 'console-flow')
    await page.goto(at('flow/flows/default-authentication-flow/'))
    await photograph(page, 'console-flow-sign-in')
    await page.locator('.flow-what h3 a', { hasText: 'identification' }).first().click()
    await page.locator('[name="enrollment_flow"]').selectOption({ label: 'Join us' })
    await page.getByRole('button', { name: 'Save' }).click()
    await page.waitForURL(/done=saved/)

    const newcomer = await person(browser)
    await newcomer.page.goto(`${place.origin}/`)
    await newcomer.page.locator('a[href*="/if/flow/join-us/"]').click()
    const password = 'Harbour-Lantern-Maple-3'
    for (const [name, value] of Object.entries({ username: 'nora', name: 'Nora', password, password_repeat: password })) {
      await newcomer.page.locator(`[name="${name}"]`).fill(value)
    }
    await newcomer.page.locator('form button[type="submit"]').first().click()
    await newcomer.page.waitForURL(`${place.origin}/if/user/`)
    assert.deepEqual(newcomer.complaints, [])
    await newcomer.context.close()
    assert.deepEqual(complaints, [])
    await context.close()
  },
}

export const watchAndTry = {
  name: 'an administrator watches a run step by step, drags stages, and tries out an expression',
  async tell({ place, browser, people, photograph }) {
    const { context, page, complaints } = await person(browser, { javaScriptEnabled: true })
    await page.goto(`${place.origin}/`)
    await signIn(page, people.admin)
    const flow = `${place.origin}/if/admin/flow/flows/join-us/`
    await page.goto(flow)
    await page.locator('[data-flow-stages] > li').nth(2).dragTo(page.locator('[data-flow-stages] > li').nth(0), {
      targetPosition: { x: 100, y: 4 },
    })
    await page.waitForURL(/done=ordered/)
    assert.equal(await page.locator('.flow-what h3 a').first().innerText(), 'join-us login')
    await page.getByRole('button', { name: 'Move down: join-us login' }).click()
    await page.waitForURL(/done=ordered/)
    await page.getByRole('button', { name: 'Move down: join-us login' }).click()
    await page.waitForURL(/done=ordered/)

    await page.goto(`${flow}inspector/`)
    await photograph(page, 'console-inspector-empty')
    const [run] = await Promise.all([
      context.waitForEvent('page'),
      page.getByRole('link', { name: 'Start an inspected run' }).click(),
    ])
    await run.locator('[name="username"]').waitFor()
    await page.bringToFront()
    await page.locator('.inspector').waitFor()
    assert.match(await page.locator('.inspector-plan').innerText(), /join-us questions/)
    await photograph(page, 'console-inspector')
    await run.close()

    const test = `${place.origin}/if/admin/expressions/test/?kind=authentik_policies_expression.expressionpolicy`
    await page.goto(test)
    const area = page.locator('textarea[data-editor="expression"]')
    await area.click()
    await page.keyboard.type('if user.username:\nak_message("hello")\nreturn True')
    assert.equal(await area.inputValue(), 'if user.username:\n    ak_message("hello")\n    return True')
    assert.ok((await page.locator('.editor-shown .keyword').count()) >= 2, 'the text has colours')
    await page.getByRole('button', { name: 'Try out' }).click()
    await page.locator('.trial-result').waitFor()
    assert.match(await page.locator('.trial-result').innerText(), /Passes[^]*hello/)
    await photograph(page, 'console-expression-test')
    assert.deepEqual(complaints, [])
    await context.close()
  },
}
