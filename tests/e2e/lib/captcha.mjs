// Who makes captchas, played on this machine: a widget that is spoken to as Turnstile is, and the verifier behind it.
import { createServer } from 'node:http'

const WIDGET = `
window.turnstile = {
  render(place, { sitekey, callback }) {
    for (const [words, path] of [['I am a person', 'solve'], ['I am a program', 'guess']]) {
      const button = document.createElement('button')
      button.type = 'button'
      button.textContent = words
      button.addEventListener('click', () => callback(path + ':' + sitekey + ':' + Math.random()))
      place.append(button)
    }
  },
}
`

export class CaptchaMaker {
  static async open({ siteKey, secret }) {
    const maker = new CaptchaMaker()
    maker.asked = []
    maker.server = createServer(async (request, response) => {
      if (request.url === '/widget.js') return response.setHeader('content-type', 'text/javascript').end(WIDGET)
      let body = ''
      for await (const part of request) body += part
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(maker.#verify(new URLSearchParams(body), { siteKey, secret })))
    })
    await new Promise((resolve) => maker.server.listen(0, '127.0.0.1', resolve))
    maker.origin = `http://127.0.0.1:${maker.server.address().port}`
    return maker
  }

  /** Each answer of the widget is good once, for whoever has the secret of the site. */
  #verify(sent, { siteKey, secret }) {
    const [token, address] = [sent.get('response') ?? '', sent.get('remoteip')]
    const isFresh = !this.asked.some((before) => before.token === token)
    this.asked.push({ token, address })
    return { success: isFresh && sent.get('secret') === secret && token.startsWith(`solve:${siteKey}:`), score: 0.9 }
  }

  close() {
    this.server.closeAllConnections()
    return new Promise((resolve) => this.server.close(resolve))
  }
}
