// axe-core on a page: what keeps people with a screen reader, a keyboard or weak eyes from using it.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { root } from './processes.mjs'

const require = createRequire(join(root, 'tests', 'clients', 'package.json'))
const source = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

/** What is wrong with the page, light and dark: `rule, where: what to do`. */
export async function violations(page) {
  const found = new Set()
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.evaluate(source)
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }))
    for (const { id, nodes } of violations) {
      for (const { html, failureSummary } of nodes) {
        const advice = failureSummary.split('\n').slice(1).map((line) => line.trim()).join(' ')
        found.add(`${id} (${colorScheme}): ${html.slice(0, 200)}\n    ${advice}`)
      }
    }
  }
  await page.emulateMedia({ colorScheme: 'light' })
  return [...found]
}
