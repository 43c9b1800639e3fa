// Starts and stops what the stories need: the server, the relying party, free ports, a database.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const root = new URL('../../..', import.meta.url).pathname.replace(/\/$/, '')
const target = process.env.CARGO_TARGET_DIR ?? join(root, 'target')
export const binary = process.env.COUNTERSIGN_BINARY ?? join(target, 'debug', 'countersign')
export const python = process.env.PYTHON ?? join(root, '.venv', 'bin', 'python')

/** A port that nobody listens on right now. */
export const freePort = () =>
  new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })

/** Waits until `check` answers something truthy; says what was waited for when it never does. */
export async function until(what, check, { seconds = 30 } = {}) {
  const end = Date.now() + seconds * 1000
  let last
  while (Date.now() < end) {
    try {
      const result = await check()
      if (result) return result
    } catch (error) {
      last = error
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`waited ${seconds} s in vain for ${what}${last ? `: ${last.message}` : ''}`)
}

/** A running process with its log, which is shown when something fails. */
export class Running {
  constructor(name, command, args, { env, cwd, log }) {
    this.name = name
    this.log = log
    const out = openSync(log, 'a')
    this.process = spawn(command, args, { env, cwd, stdio: ['ignore', out, out] })
    this.ended = new Promise((resolve) => this.process.once('exit', (code, signal) => resolve({ code, signal })))
  }

  tail(lines = 40) {
    return readFileSync(this.log, 'utf8').split('\n').slice(-lines).join('\n')
  }

  async stop(signal = 'SIGTERM') {
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill(signal)
    return this.ended
  }
}

const mailServer = (port) => ({
  COUNTERSIGN_EMAIL__HOST: '127.0.0.1',
  COUNTERSIGN_EMAIL__PORT: `${port}`,
  COUNTERSIGN_EMAIL__FROM: 'Countersign <id@example.com>',
})

/** A place for one run: directory, ports, environment, and the server in it. */
export class Place {
  static async make(databaseUrl, mailPort) {
    const place = new Place()
    place.directory = mkdtempSync(join(tmpdir(), 'countersign-e2e-'))
    place.port = await freePort()
    place.origin = `http://localhost:${place.port}`
    const securePort = await freePort()
    place.secureOrigin = `https://localhost:${securePort}`
    place.env = {
      PATH: process.env.PATH,
      HOME: place.directory,
      COUNTERSIGN_DATA_DIR: join(place.directory, 'data'),
      COUNTERSIGN_LISTEN__HTTP: `127.0.0.1:${place.port}`,
      COUNTERSIGN_LISTEN__HTTPS: `127.0.0.1:${securePort}`,
      COUNTERSIGN_TLS__CLIENT_CERTIFICATES: 'listener',
      COUNTERSIGN_LISTEN__METRICS: `127.0.0.1:${await freePort()}`,
      // One machine plays everybody.
      COUNTERSIGN_THROTTLE__SIGN_IN_PER_ADDRESS: '600/minute',
      // So does one who makes captchas.
      COUNTERSIGN_EXPRESSIONS__REQUESTS_NETWORKS: '127.0.0.0/8',
      ...(mailPort ? mailServer(mailPort) : {}),
      ...(databaseUrl ? { COUNTERSIGN_DATABASE_URL: databaseUrl } : {}),
    }
    return place
  }

  async start() {
    const log = join(this.directory, 'server.log')
    this.server = new Running('countersign', binary, ['serve'], { env: this.env, cwd: this.directory, log })
    await until('the server to be ready', async () => {
      if (this.server.process.exitCode !== null) throw new Error(`it ended:\n${this.server.tail()}`)
      return (await fetch(`${this.origin}/-/health/ready/`)).ok
    })
  }

  /** Runs `countersign …` and returns what it printed. */
  cli(...args) {
    // The OpenAPI document is larger than what is taken in otherwise.
    const how = { env: this.env, cwd: this.directory, encoding: 'utf8', maxBuffer: 32 * 1024 * 1024 }
    const { status, stdout, stderr } = spawnSync(binary, args, how)
    if (status !== 0) throw new Error(`countersign ${args.join(' ')} failed:\n${stderr}`)
    return stdout
  }

  async stop() {
    const ended = await this.server?.stop()
    rmSync(this.directory, { recursive: true, force: true })
    return ended
  }
}

/** The FastAPI relying party, configured the way its author documents. */
export async function startRelyingParty(place, app, { issuer, client_id, client_secret }) {
  const directory = app.slice(0, app.lastIndexOf('/'))
  const env = {
    PATH: process.env.PATH,
    HOME: place.directory,
    AUTHENTIK_ISSUER: issuer,
    OIDC_CLIENT_ID: client_id,
    OIDC_CLIENT_SECRET: client_secret,
    SESSION_SECRET: 'a-secret-of-the-end-to-end-stories',
    PYTHONDONTWRITEBYTECODE: '1',
  }
  const args = ['-m', 'uvicorn', 'app:app', '--host', '127.0.0.1', '--port', '8000', '--app-dir', directory]
  const log = join(place.directory, 'relying-party.log')
  const running = new Running('relying party', python, args, { env, cwd: place.directory, log })
  await until('the relying party', async () => {
    if (running.process.exitCode !== null) throw new Error(`it ended:\n${running.tail()}`)
    return (await fetch('http://localhost:8000/')).ok
  })
  return running
}

/** A fresh database on the PostgreSQL server that the tests were given. */
export function freshPostgres(adminUrl) {
  const name = `e2e_${process.pid}_${Date.now()}`
  const url = new URL(adminUrl)
  const run = (sql) => {
    const { status, stderr } = spawnSync('psql', [adminUrl, '-v', 'ON_ERROR_STOP=1', '-qc', sql], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`psql: ${stderr}`)
  }
  run(`CREATE DATABASE ${name}`)
  url.pathname = `/${name}`
  return { url: url.toString(), drop: () => run(`DROP DATABASE ${name} WITH (FORCE)`) }
}
