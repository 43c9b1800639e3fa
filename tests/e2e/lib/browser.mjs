// Chromium, and the few moves that the stories make with it.
import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { root } from './processes.mjs'

const require = createRequire(join(root, 'tests', 'clients', 'package.json'))
const { chromium } = require('playwright-core')

export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
    ],
  })

/** A browser window of one person. Every page must be free of errors and of what the CSP refused. */
export async function person(browser, options = {}) {
  const context = await browser.newContext({ javaScriptEnabled: false, locale: 'en-GB', ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  const complaints = []
  page.on('pageerror', (error) => complaints.push(`script error: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error' && /Content Security Policy|Refused to/.test(message.text())) {
      complaints.push(message.text())
    }
  })
  return { context, page, complaints }
}

/** Fills in fields by name and presses the primary button. */
export async function answer(page, fields) {
  for (const [name, value] of Object.entries(fields)) await page.locator(`[name="${name}"]`).fill(value)
  await page.locator('form button[type="submit"]').first().click()
}

/** Signs in on the hosted pages, wherever the page stands in the default flow. */
export async function signIn(page, { username, password }) {
  await answer(page, { uid_field: username })
  await answer(page, { password })
}

/** Takes a picture narrow and wide, in light and dark, when a directory for pictures was given. */
export function photographer(directory) {
  if (!directory) return async () => {}
  mkdirSync(directory, { recursive: true })
  return async (page, name) => {
    for (const [width, height] of [[320, 640], [768, 1024], [1440, 900]]) {
      for (const colorScheme of ['light', 'dark']) {
        await page.setViewportSize({ width, height })
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        const path = join(directory, `${name}-${width}-${colorScheme}.png`)
        await page.screenshot({ path, fullPage: true, animations: 'disabled' })
      }
    }
    await page.setViewportSize({ width: 1280, height: 800 })
    await page.emulateMedia({ colorScheme: 'light' })
  }
}
