// Every page that links lead to, found by following them: a page that is new is visited without anybody adding it here.
import { signIn } from './browser.mjs'

/** Addresses that show the same page with another object are one. Forms differ by the kind that they make. */
export function shape(address) {
  const { pathname, searchParams } = new URL(address)
  const key = /^(?:[\da-f-]{36}|\d+)$/
  const parts = pathname.split('/').map((part) => (key.test(part) ? '*' : part))
  const place = parts.slice(0, 5).join('/')
  const isName = parts[5] && !parts[5].startsWith('~') && place !== '/if/admin/flow/stages'
  if (isName && place.startsWith('/if/admin/')) parts[5] = '*'
  const kind = searchParams.has('kind') ? [parts.includes('~new') ? searchParams.get('kind') : 'kind'] : []
  return [...parts, ...kind].join('/')
}

/** Visits each page below `start` once, as whoever the browser belongs to; `look` is told each address. */
export async function crawl(page, start, look) {
  const { origin, pathname } = new URL(start)
  const ahead = [start]
  const seen = new Set()
  while (ahead.length > 0) {
    const address = ahead.shift()
    const shown = shape(address)
    if (seen.has(shown)) continue
    seen.add(shown)
    const answered = await page.goto(address)
    if (!(answered.headers()['content-type'] ?? '').startsWith('text/html')) continue
    await look(address, answered)
    const links = await page.locator('a[href]:not([download])').evaluateAll((all) => all.map((link) => link.href))
    ahead.push(...links.filter((link) => link.startsWith(`${origin}${pathname}`) && !/export|format=/.test(link)))
  }
  return seen.size
}

/** The slugs of all flows, as the console lists them to an administrator. */
export async function everyFlow(page, origin) {
  const here = '/if/admin/flow/flows/'
  const slugs = new Set()
  let next = `${origin}${here}`
  while (next) {
    await page.goto(next)
    const links = await page.locator('main a[href]').evaluateAll((all) => all.map((link) => [link.href, link.rel]))
    for (const [href] of links) {
      const slug = new URL(href).pathname.match(new RegExp(`^${here}([^~/][^/]*)/$`))?.[1]
      if (slug) slugs.add(slug)
    }
    next = links.find(([, rel]) => rel === 'next')?.[0]
  }
  return [...slugs]
}

/** Opens each flow, as whoever the browser belongs to; `who` comes back in if a flow showed him out. */
export async function openFlows(page, origin, slugs, look, who) {
  for (const slug of slugs) {
    await page.goto(`${origin}/if/flow/${slug}/`)
    if (page.url().startsWith(origin)) await look(slug)
    if (!who) continue
    await page.goto(`${origin}/if/user/`)
    if (await page.locator('[name="uid_field"]').count()) await signIn(page, who)
  }
}
