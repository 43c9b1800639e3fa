// An authority of the stories, and the client certificates that it issues. openssl makes them.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']

export class Authority {
  constructor(place) {
    this.directory = mkdtempSync(join(place.directory, 'authority-'))
    const rights = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign']
    this.pem = this.#make('authority', '/CN=The house', rights).cert.toString()
  }

  #path(file) {
    return join(this.directory, file)
  }

  #make(name, subject, extensions, more = []) {
    const [cert, key] = [this.#path(`${name}.pem`), this.#path(`${name}.key`)]
    const args = ['req', '-x509', ...NEW_KEY, '-keyout', key, '-out', cert, '-subj', subject, ...more]
    for (const extension of extensions) args.push('-addext', extension)
    const { status, stderr, error } = spawnSync('openssl', args, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`openssl: ${error ?? stderr}`)
    return { cert: readFileSync(cert), key: readFileSync(key) }
  }

  /** Certificate and key of somebody, as a browser takes them. */
  issue({ username, email }) {
    const extensions = ['basicConstraints=critical,CA:FALSE', 'extendedKeyUsage=clientAuth', `subjectAltName=email:${email}`]
    const issuer = ['-CA', this.#path('authority.pem'), '-CAkey', this.#path('authority.key')]
    return this.#make(username, `/CN=${username}`, extensions, issuer)
  }
}
