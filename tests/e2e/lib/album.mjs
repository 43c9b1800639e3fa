// Pages that people see once, on their way through something: kept while a story is told, for whoever looks at them later.
import { shape } from './crawl.mjs'

export class Album {
  constructor(locales) {
    this.locales = locales
    this.pages = new Map()
  }

  /** Keeps the page, and what it is to those who read other languages, unless one of the same looks is there. */
  async keep(page) {
    const url = page.url()
    // The console is crawled.
    const { pathname, search } = new URL(url)
    if (pathname.startsWith('/if/admin/')) return
    const looks = await page.locator('h1, .notice, .error, main p, main [name], main button').evaluateAll((all) =>
      all.map((part) => `${part.tagName}.${part.className}.${part.name ?? ''}.${part.tagName === 'H1' ? part.innerText : ''}`).join(' '),
    )
    const key = `${shape(url)} ${looks}`
    if (this.pages.has(key)) return
    const others = []
    for (const locale of this.locales) {
      const answered = await page.context().request.get(url, { headers: { 'accept-language': locale } })
      others.push({ locale, html: await answered.text() })
    }
    this.pages.set(key, { path: `${pathname}${search}`, html: await page.content(), others })
  }

  /** Shows what was kept: `look` is told where it stood. The server is asked for styles and scripts alone. */
  async show(page, origin, pick, look) {
    let html
    await page.route(`${origin}/**`, (route) => {
      if (route.request().resourceType() !== 'document') return route.continue()
      return route.fulfill({ contentType: 'text/html; charset=utf-8', body: html })
    })
    for (const kept of this.pages.values()) {
      for (const picked of pick(kept)) {
        html = picked.html
        await page.goto(`${origin}${kept.path}`)
        await look(kept.path)
      }
    }
    await page.unroute(`${origin}/**`)
  }
}
