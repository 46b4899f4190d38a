import { describe, expect, test } from 'vitest'
import { checkRequired } from '../../../src/gateway/plugins/openid-connect/authorization.js'
import type { OidcContext, Principal } from '../../../src/gateway/plugins/openid-connect/types.js'
import type { Exchange } from '../../../src/gateway/plugins/plugin.js'
import type { JsonObject } from '../../../src/jwt/types.js'

/** What is judged once a token must be judged anew as soon as anything else that counts is another one. */
describe('the required checks, for one and the same access token', () => {
  const config = {
    issuers_allowed: null,
    claims_forbidden: null,
    scopes_required: ['read'],
    scopes_claim: ['scope'],
    groups_required: ['admins'],
    groups_claim: ['groups'],
  }
  const claims: JsonObject = { iss: 'https://idp.example' }
  const admins: JsonObject = { scope: 'read', groups: ['admins'] }
  const others: JsonObject = { scope: 'read', groups: ['others'] }
  const context = (): OidcContext => ({ config }) as unknown as OidcContext
  const judge = (principal: Partial<Principal>, within: OidcContext) => {
    const steps: string[] = []
    const exchange = { decide: ({ name, outcome }: { name: string; outcome: string }) => steps.push(`${name} ${outcome}`) }
    const whole = { method: 'bearer', tokens: {}, clientIndex: 0, accessTokenClaims: claims, ...principal } as Principal
    return { reason: checkRequired(whole, exchange as unknown as Exchange, within)?.reason, steps }
  }
  const passed = { reason: undefined, steps: ['scopes_required pass', 'groups_required pass'] }
  const refused = { reason: 'group_missing', steps: ['scopes_required pass', 'groups_required fail'] }

  test.for(['introspection', 'userinfo'] as const)('another %s → another verdict, and the trace says so each time', (source) => {
    const within = context()
    expect(judge({ [source]: admins }, within)).toEqual(passed)
    expect(judge({ [source]: admins }, within)).toEqual(passed)
    expect(judge({ [source]: others }, within)).toEqual(refused)
    expect(judge({ [source]: others }, within)).toEqual(refused)
    expect(judge({}, within)).toEqual({ reason: 'scope_missing', steps: ['scopes_required fail'] })
    expect(judge({ [source]: admins }, within)).toEqual(passed)
  })

  test('another ID token → another verdict', () => {
    const within = context()
    expect(judge({ tokens: { scope: 'read' }, idTokenClaims: admins }, within)).toEqual(passed)
    expect(judge({ tokens: { scope: 'read' }, idTokenClaims: others }, within)).toEqual(refused)
  })

  test('another granted scope → another verdict', () => {
    const within = context()
    const idTokenClaims = admins
    expect(judge({ tokens: { scope: 'read' }, idTokenClaims }, within)).toEqual(passed)
    expect(judge({ tokens: { scope: 'write' }, idTokenClaims }, within).reason).toBe('scope_missing')
  })

  test('another instance of the plugin → a verdict of its own', () => {
    expect(judge({ introspection: others }, context())).toEqual(refused)
    const lenient = { config: { ...config, groups_required: null } } as unknown as OidcContext
    expect(judge({ introspection: others }, lenient)).toEqual({ reason: undefined, steps: ['scopes_required pass'] })
  })
})
