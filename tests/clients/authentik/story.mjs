// What an administrator's script does, with authentik's published TypeScript client as it comes from npm.
//
//   node story.mjs ORIGIN TOKEN_FILE CALLBACK
//
// Makes a group, a user, a flow with stages, bindings and policies, an OAuth2 provider and an application; pages,
// searches, patches, deletes, reads events. Prints what a relying party needs to know as JSON.
import { strict as assert } from 'node:assert'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const ak = createRequire(import.meta.url)('@goauthentik/api')
const [origin, tokenFile, callback] = process.argv.slice(2)
const configuration = new ak.Configuration({
  basePath: `${origin}/api/v3`,
  accessToken: readFileSync(tokenFile, 'utf8').trim(),
})
const core = new ak.CoreApi(configuration)
const flows = new ak.FlowsApi(configuration)
const stages = new ak.StagesApi(configuration)
const policies = new ak.PoliciesApi(configuration)
const providers = new ak.ProvidersApi(configuration)

/** Everything that a list holds, page by page. */
async function pages(listing) {
  const found = []
  for (let page = 1; page > 0; ) {
    const answer = await listing({ page, pageSize: 2 })
    found.push(...answer.results)
    page = answer.pagination.next
  }
  return found
}

async function people() {
  const group = await core.coreGroupsCreate({ groupRequest: { name: 'Node readers', attributes: { shelf: 7 } } })
  const password = randomBytes(18).toString('base64url')
  const user = await core.coreUsersCreate({
    userRequest: { username: 'node-ada', name: 'Ada Node', email: 'ada@example.com', groups: [group.pk] },
  })
  await core.coreUsersSetPasswordCreate({ id: user.pk, userPasswordSetRequest: { password } })
  for (let number = 0; number < 5; number += 1) {
    await core.coreUsersCreate({ userRequest: { username: `node-extra-${number}`, name: 'Extra' } })
  }
  const extra = await pages((page) => core.coreUsersList({ ...page, search: 'node-extra', ordering: 'username' }))
  assert.deepEqual(extra.map(({ username }) => username), [0, 1, 2, 3, 4].map((number) => `node-extra-${number}`))
  for (const { pk } of extra) await core.coreUsersDestroy({ id: pk })
  assert.equal((await core.coreUsersList({ search: 'node-extra' })).pagination.count, 0)
  const changed = await core.coreUsersPartialUpdate({ id: user.pk, patchedUserRequest: { name: 'Ada L. Node' } })
  assert.equal(changed.name, 'Ada L. Node')
  assert.equal(changed.email, 'ada@example.com')
  assert.ok(changed.dateJoined instanceof Date && !Number.isNaN(changed.dateJoined.getTime()))
  return { group, user, password }
}

/** What lists are asked beyond a search, and a role whose holders see what they make. */
async function questions(group, user) {
  const found = await core.coreUsersList({ groupsByPk: [group.pk], isSuperuser: false })
  assert.deepEqual(found.results.map(({ username }) => username), ['node-ada'])
  const groups = await core.coreGroupsList({ membersByPk: [user.pk], includeUsers: true })
  assert.deepEqual(groups.results.map(({ name, users }) => [name, users]), [['Node readers', [user.pk]]])
  const rbac = new ak.RbacApi(configuration)
  const role = await rbac.rbacRolesCreate({ roleRequest: { name: 'Node makers' } })
  const seen = (await rbac.rbacPermissionsList({ codename: 'view_group' })).results[0]
  const initial = await rbac.rbacInitialPermissionsCreate({
    initialPermissionsRequest: { name: 'node-own-groups', role: role.pk, permissions: [seen.id] },
  })
  assert.deepEqual([initial.permissions, initial.permissionsObj[0].codename], [[seen.id], 'view_group'])
  await rbac.rbacInitialPermissionsDestroy({ id: initial.pk })
  await rbac.rbacRolesDestroy({ uuid: role.pk })
}

async function flow(group) {
  const made = await flows.flowsInstancesCreate({
    flowRequest: { name: 'Node sign-in', slug: 'node-sign-in', title: 'Sign in', designation: 'authentication' },
  })
  const identification = await stages.stagesIdentificationCreate({
    identificationStageRequest: { name: 'node-identification', userFields: ['username'] },
  })
  const login = await stages.stagesUserLoginCreate({ userLoginStageRequest: { name: 'node-login' } })
  const bindings = []
  for (const [order, stage] of [identification, login].entries()) {
    const flowStageBindingRequest = { target: made.pk, stage: stage.pk, order: order * 10 }
    bindings.push(await flows.flowsBindingsCreate({ flowStageBindingRequest }))
  }
  const policy = await policies.policiesExpressionCreate({
    expressionPolicyRequest: { name: 'node-everybody', expression: 'return True' },
  })
  await policies.policiesBindingsCreate({
    policyBindingRequest: { policy: policy.pk, target: bindings[1].policybindingmodelPtrId, order: 0 },
  })
  await policies.policiesBindingsCreate({
    policyBindingRequest: { group: group.pk, target: made.policybindingmodelPtrId, order: 0 },
  })
  const bound = await flows.flowsBindingsList({ target: made.pk, ordering: 'order' })
  assert.deepEqual(bound.results.map(({ stageObj }) => stageObj.name), ['node-identification', 'node-login'])
  const patched = await flows.flowsInstancesPartialUpdate({
    slug: 'node-sign-in',
    patchedFlowRequest: { title: 'Sign in, please' },
  })
  assert.equal(patched.title, 'Sign in, please')
  await flows.flowsInstancesDestroy({ slug: 'node-sign-in' })
  for (const stage of [identification, login]) await stages.stagesAllDestroy({ stageUuid: stage.pk })
  assert.equal((await stages.stagesAllList({ search: 'node-' })).pagination.count, 0)
}

async function application(group) {
  const mappings = await new ak.PropertymappingsApi(configuration).propertymappingsProviderScopeList({ pageSize: 100 })
  const wanted = mappings.results.filter(({ scopeName }) => ['openid', 'profile', 'email'].includes(scopeName))
  const authorization = await flows.flowsInstancesRetrieve({ slug: 'default-provider-authorization-implicit-consent' })
  const invalidation = await flows.flowsInstancesRetrieve({ slug: 'default-provider-invalidation-flow' })
  const provider = await providers.providersOauth2Create({
    oAuth2ProviderRequest: {
      name: 'node-provider',
      authorizationFlow: authorization.pk,
      invalidationFlow: invalidation.pk,
      redirectUris: [{ matchingMode: 'strict', url: callback }],
      propertyMappings: wanted.map(({ pk }) => pk),
    },
  })
  const made = await core.coreApplicationsCreate({
    applicationRequest: { name: 'Node application', slug: 'node-application', provider: provider.pk },
  })
  await policies.policiesBindingsCreate({ policyBindingRequest: { group: group.pk, target: made.pk, order: 0 } })
  assert.equal((await providers.providersAllList({ search: 'node-provider' })).results[0].pk, provider.pk)
  return provider
}

const { group, user, password } = await people()
await questions(group, user)
await flow(group)
const provider = await application(group)
const refused = await core.coreGroupsCreate({ groupRequest: { name: 'Node readers' } }).catch(({ response }) => response)
assert.equal(refused.status, 400, 'two groups of one name')
assert.ok('name' in (await refused.json()))
const events = await new ak.EventsApi(configuration).eventsEventsList({ action: 'model_created', ordering: '-created' })
assert.equal(events.results[0].action, 'model_created')
const { clientId: client_id, clientSecret: client_secret } = provider
process.stdout.write(
  JSON.stringify({ slug: 'node-application', client_id, client_secret, username: user.username, password }),
)
