// A mail server that keeps what it is sent: as much of SMTP (RFC 5321) and MIME as it takes to read our own letters.
import { createServer } from 'node:net'
import { until } from './processes.mjs'

const GREETING = '220 inbox'
const DONE = '250 done'

/** Reads what a client says, line by line, and keeps its letters. */
function attend(socket, letters) {
  let rest = ''
  let letter = { to: [] }
  let body
  const say = (line) => socket.write(`${line}\r\n`)
  const hear = (line) => {
    if (body) {
      if (line !== '.') return void body.push(line.replace(/^\./, ''))
      letters.push({ ...letter, ...read(body.join('\n')) })
      body = undefined
      letter = { to: [] }
      return say(DONE)
    }
    const recipient = line.match(/^RCPT TO:<(.*?)>/i)
    if (recipient) letter.to.push(recipient[1])
    if (/^DATA$/i.test(line)) {
      body = []
      return say('354 go on')
    }
    if (/^QUIT$/i.test(line)) return socket.end('221 bye\r\n')
    say(DONE)
  }
  socket.setEncoding('utf8')
  socket.on('error', () => {})
  socket.on('data', (data) => {
    const lines = (rest + data).split('\r\n')
    rest = lines.pop()
    lines.forEach(hear)
  })
  say(GREETING)
}

/** Header lines and body of a part. */
function parts(raw) {
  const [head, ...body] = raw.split('\n\n')
  const headers = head.replace(/\n[ \t]+/g, ' ')
  const field = (name) => headers.match(new RegExp(`^${name}:\\s*(.*)$`, 'im'))?.[1] ?? ''
  return { field, body: body.join('\n\n') }
}

const quotedPrintable = (text) =>
  Buffer.from(text.replace(/=\n/g, '').replace(/=([\dA-F]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16))), 'latin1')

const decoded = (encoding, body) => {
  if (/base64/i.test(encoding)) return Buffer.from(body, 'base64').toString('utf8')
  return /quoted-printable/i.test(encoding) ? quotedPrintable(body).toString('utf8') : body
}

/** Words of a header line (RFC 2047). */
const words = (line) =>
  line
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([bq])\?(.*?)\?=/gi, (_, how, text) =>
      /b/i.test(how) ? Buffer.from(text, 'base64').toString('utf8') : quotedPrintable(text.replaceAll('_', ' ')).toString('utf8'),
    )

/** A letter as somebody reads it. */
function read(raw) {
  const { field, body } = parts(raw)
  const boundary = field('Content-Type').match(/boundary="?([^";]+)"?/i)?.[1]
  const all = boundary ? body.split(`--${boundary}`).slice(1, -1).map((part) => parts(part.replace(/^\n/, ''))) : [{ field, body }]
  const of = (type) => {
    const part = all.find((part) => part.field('Content-Type').toLowerCase().startsWith(type))
    return part ? decoded(part.field('Content-Transfer-Encoding'), part.body) : ''
  }
  const text = of('text/plain')
  return {
    subject: words(field('Subject')),
    text,
    html: of('text/html'),
    link: text.match(/https?:\/\/\S+flow_token=\S+/)?.[0],
    code: text.match(/^\d{6,8}$/m)?.[0],
  }
}

/** The mailboxes of everybody in the stories. */
export class Inbox {
  static async open() {
    const inbox = new Inbox()
    inbox.letters = []
    inbox.sockets = new Set()
    inbox.server = createServer((socket) => {
      inbox.sockets.add(socket)
      socket.on('close', () => inbox.sockets.delete(socket))
      attend(socket, inbox.letters)
    })
    await new Promise((resolve) => inbox.server.listen(0, '127.0.0.1', resolve))
    inbox.port = inbox.server.address().port
    return inbox
  }

  /** Waits for a letter to this address with a link or a code in it, and takes it out. */
  async to(address) {
    const isIt = ({ to, link, code }) => to.includes(address) && (link || code)
    await until(`a letter to ${address}`, () => this.letters.some(isIt))
    return this.letters.splice(this.letters.findIndex(isIt), 1)[0]
  }

  close() {
    for (const socket of this.sockets) socket.destroy()
    return new Promise((resolve) => this.server.close(resolve))
  }
}
