// Lists and forms of the console, in a browser that runs scripts.
import { strict as assert } from 'node:assert'
import { person, signIn } from '../lib/browser.mjs'

export const listsAndForms = {
  name: 'lists, forms and the command palette of the console are quicker with scripts',
  async tell({ place, browser, people, photograph }) {
    const { context, page, complaints } = await person(browser, { javaScriptEnabled: true })
    await page.goto(`${place.origin}/`)
    await signIn(page, people.admin)
    const at = (path) => `${place.origin}/if/admin/${path}`

    await page.goto(at('flow/stages/'))
    await photograph(page, 'console-list')
    const boxes = page.locator('tbody .tick input')
    await page.locator('thead .tick input').check()
    assert.equal(await page.locator('tbody .tick input:checked').count(), await boxes.count(), 'all are selected')
    assert.ok(await page.locator('.bulkbar').isVisible())
    await page.locator('thead .tick input').uncheck()
    assert.ok(!(await page.locator('.bulkbar').isVisible()))
    await page.locator('select[data-send]').selectOption({ label: 'Prompt Stage' })
    await page.waitForURL(/f\.kind=/)

    await page.goto(at('flow/stages/'))
    await page.locator('.toolbar input[type="search"]').pressSequentially('default-authentication-password')
    await page.waitForURL(/q=default-authentication-password/)
    assert.equal(await page.locator('[data-found] tbody tr').count(), 1, 'the list follows what is typed')
    await page.locator('thead .tick input').check()
    assert.ok(await page.locator('.bulkbar').isVisible(), 'rows that came later are selected as the others')

    await page.goto(at('flow/stages/prompts/~new/'))
    await page.locator('[name="label"]').fill('Favourite colour')
    await page.locator('[data-preview]', { hasText: 'Favourite colour' }).waitFor()
    await photograph(page, 'console-prompt-preview')

    await page.keyboard.press('Control+k')
    await page.locator('.palette input').fill('brands')
    await page.keyboard.press('Enter')
    await page.waitForURL(/core\/brands\//)
    await page.locator('.fold button').click()
    await page.locator('body.folded').waitFor()
    await photograph(page, 'console-folded')
    await page.locator('.fold button').click()
    await page.locator('body:not(.folded)').waitFor()

    await page.goto(at('flow/stages/~new/'))
    await photograph(page, 'console-kinds')
    await page.goto(at('core/providers/~new/?kind=authentik_providers_oauth2.oauth2provider'))
    await photograph(page, 'console-form')
    for (const [index, host] of ['a', 'b', 'c'].entries()) {
      await page.locator(`[name="redirect_uris.${index}.url"]`).fill(`https://${host}.example/`)
    }
    await page.locator('[name="name"]').fill('Three doors')
    await page.locator('.send button').click()
    await page.locator('.secrets').waitFor()
    await photograph(page, 'console-secrets')
    await page.locator('main a.button.primary').click()
    await page.waitForURL(/providers\/\d+\//)
    assert.match(await page.locator('main').innerText(), /c\.example/, 'a third row was there to fill in')
    const provider = page.url().split('?')[0]

    await page.goto(provider)
    await page.locator('.title a.danger').click()
    const question = page.locator('dialog.question')
    await question.locator('.confirm').waitFor()
    await photograph(page, 'console-question')
    await question.locator('.confirm a').click()
    await question.waitFor({ state: 'detached' })

    for (const [tab, name] of [['used-by/', 'usage'], ['revisions/', 'revisions'], ['edit/', 'edit'], ['delete/', 'delete']]) {
      await page.goto(provider + tab)
      await photograph(page, `console-${name}`)
    }
    await page.locator('.confirm button[type="submit"]').click()
    await page.waitForURL(/done=deleted/)
    assert.deepEqual(complaints, [])
    await context.close()
  },
}
