// openid-client from npm as the relying party.
import { strict as assert } from 'node:assert'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { person, signIn } from '../lib/browser.mjs'
import { root } from '../lib/processes.mjs'

const require = createRequire(join(root, 'tests', 'clients', 'package.json'))
const oidc = await import(pathToFileURL(require.resolve('openid-client')).href)

/** Answers on the port of the callback while `during` runs. */
export async function listening(callback, during) {
  const server = createServer((_, response) => response.end('done'))
  await new Promise((resolve) => server.listen(new URL(callback).port, '127.0.0.1', resolve))
  try {
    return await during()
  } finally {
    await new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
  }
}

const discover = ({ place, clients }, authentication) => {
  const { client_id, client_secret } = clients['node-client']
  const issuer = new URL(`${place.origin}/application/o/node-client/`)
  const method = authentication === 'basic' ? oidc.ClientSecretBasic(client_secret) : oidc.ClientSecretPost(client_secret)
  return oidc.discovery(issuer, client_id, client_secret, method, { execute: [oidc.allowInsecureRequests] })
}

export const openidClient = {
  name: 'openid-client: discovery, code with PKCE, consent, refresh, userinfo, introspection, revocation, logout',
  tell: (world) =>
    listening(world.callback, async () => {
      const { browser, callback, goodbye, people, photograph } = world
      const config = await discover(world, 'basic')
      const metadata = config.serverMetadata()
      assert.equal(metadata.issuer, `${world.place.origin}/application/o/node-client/`)
      assert.ok(metadata.code_challenge_methods_supported.includes('S256'))

      const verifier = oidc.randomPKCECodeVerifier()
      const state = oidc.randomState()
      const nonce = oidc.randomNonce()
      const url = oidc.buildAuthorizationUrl(config, {
        redirect_uri: callback,
        scope: 'openid profile email offline_access',
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      })
      const { context, page, complaints } = await person(browser)
      await page.goto(url.href)
      await signIn(page, people.user)
      await photograph(page, 'consent')
      await page.locator('form button[type="submit"]').first().click()
      await page.waitForURL(`${callback}**`)
      assert.deepEqual(complaints, [], 'the policy lets the answer lead to the application')

      const landed = new URL(page.url())
      assert.equal(landed.searchParams.get('iss'), metadata.issuer)
      const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true }
      const tokens = await oidc.authorizationCodeGrant(config, landed, checks)
      const claims = tokens.claims()
      assert.equal(claims.preferred_username, people.user.username)
      assert.ok(tokens.refresh_token, 'offline_access brings a refresh token')
      await assert.rejects(oidc.authorizationCodeGrant(config, landed, checks), /invalid_grant|error/i)

      // The code was used twice, so what it brought is revoked: sign in once more, without being asked.
      const again = await authorizeAgain(config, page, { callback, scope: 'openid profile email offline_access' })
      const info = await oidc.fetchUserInfo(config, again.access_token, claims.sub)
      assert.equal(info.name, people.user.name)
      assert.equal(info.email, people.user.email)

      const fresh = await oidc.refreshTokenGrant(config, again.refresh_token)
      assert.notEqual(fresh.refresh_token, again.refresh_token, 'refresh tokens rotate')
      assert.equal((await oidc.tokenIntrospection(config, fresh.access_token)).active, true)
      await oidc.tokenRevocation(config, fresh.access_token)
      assert.equal((await oidc.tokenIntrospection(config, fresh.access_token)).active, false)

      const third = await authorizeAgain(config, page, { callback, scope: 'openid profile email offline_access' })
      const rotated = await oidc.refreshTokenGrant(config, third.refresh_token)
      await assert.rejects(oidc.refreshTokenGrant(config, third.refresh_token), 'an old refresh token is refused')
      await assert.rejects(oidc.refreshTokenGrant(config, rotated.refresh_token), 'and its family with it')

      const logout = oidc.buildEndSessionUrl(config, {
        id_token_hint: third.id_token,
        post_logout_redirect_uri: goodbye,
        state: 'farewell',
      })
      await page.goto(logout.href)
      if (!page.url().startsWith(goodbye)) await page.locator('form button[type="submit"]').first().click()
      await page.waitForURL(`${goodbye}**`)
      assert.equal(new URL(page.url()).searchParams.get('state'), 'farewell')
      await context.close()
    }),
}

/** A further authorization in a browser that is signed in and has consented. */
async function authorizeAgain(config, page, { callback, scope }) {
  const verifier = oidc.randomPKCECodeVerifier()
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: callback,
    scope,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  })
  await page.goto(url.href)
  assert.ok(page.url().startsWith(callback), `consent is on file, yet the page is ${page.url()}`)
  return oidc.authorizationCodeGrant(config, new URL(page.url()), { pkceCodeVerifier: verifier })
}

/** Somebody signs in to an application, and what it learns of him. */
export const signInTo = (world, { slug, client_id, client_secret, username, password }) =>
  listening(world.callback, async () => {
    const { place, browser, callback } = world
    const issuer = new URL(`${place.origin}/application/o/${slug}/`)
    const method = oidc.ClientSecretBasic(client_secret)
    const config = await oidc.discovery(issuer, client_id, client_secret, method, {
      execute: [oidc.allowInsecureRequests],
    })
    const verifier = oidc.randomPKCECodeVerifier()
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: callback,
      scope: 'openid profile email',
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    })
    const { context, page, complaints } = await person(browser)
    await page.goto(url.href)
    await signIn(page, { username, password })
    await page.waitForURL(`${callback}**`)
    assert.deepEqual(complaints, [])
    const tokens = await oidc.authorizationCodeGrant(config, new URL(page.url()), { pkceCodeVerifier: verifier })
    await context.close()
    return oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)
  })

export const clientCredentials = {
  name: 'openid-client: client_credentials with client_secret_post',
  async tell(world) {
    const config = await discover(world, 'post')
    const tokens = await oidc.clientCredentialsGrant(config, { scope: 'profile' })
    assert.equal((await oidc.tokenIntrospection(config, tokens.access_token)).active, true)
  },
}
