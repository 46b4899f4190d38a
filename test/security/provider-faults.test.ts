import { beforeAll, describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/jwt/types.js'
import { startScriptedProvider } from '../support/scripted-provider.js'
import { startProtected, type Protected } from '../support/protected-gateway.js'
import { untilAll } from '../support/until-all.js'

/** gateway-security-cases.md, the F- faults of calls to the provider. */
const bearer = { auth_methods: ['bearer'] }
const status = async (answer: Promise<{ status: number }>) => (await answer).status

describe('faults of the provider', () => {
  const until = untilAll()
  let tokens: Protected
  beforeAll(async () => {
    tokens = await startProtected({ config: { auth_methods: ['client_credentials'], timeout: 1000 }, until })
  })

  test('F-01 down at start: refused, then served soon after it is back, without a restart', async () => {
    const provider = await startScriptedProvider()
    const discovery = () => ({ issuer: provider.issuer, jwks_uri: `${provider.issuer}/jwks` })
    provider.script('/.well-known/openid-configuration', { status: 502 })
    const { ask, clock } = await startProtected({ provider, config: bearer })
    expect(await ask({ bearer: provider.token() })).toMatchObject({ status: 401, trace: { reason: 'discovery_failed' } })
    provider.script('/.well-known/openid-configuration', discovery)
    // F-03: not asked again for every request
    await ask({ bearer: provider.token() })
    expect(provider.count('/.well-known/openid-configuration')).toBe(1)
    clock.pass(6)
    expect(await status(ask({ bearer: provider.token() }))).toBe(200)
  })

  test.for([
    { name: 'HTML', answer: { status: 200, body: '<html>' } },
    { name: 'truncated JSON', answer: { status: 200, body: '{"issuer":' } },
    { name: 'another issuer', answer: { issuer: 'https://evil.example', jwks_uri: 'http://127.0.0.1:1/jwks' } },
    { name: '500', answer: { status: 500 } },
  ])('F-03 a rediscovery that gives $name keeps the last good copy', async ({ answer }) => {
    const { ask, provider, clock } = await startProtected({ config: bearer })
    expect(await status(ask({ bearer: provider.token() }))).toBe(200)
    provider.script('/.well-known/openid-configuration', answer as JsonObject)
    clock.pass(31)
    expect(await status(ask({ bearer: provider.token({ header: { kid: 'new' } }) }))).toBe(401)
    expect(await status(ask({ bearer: provider.token() }))).toBe(200)
    expect(await status(ask({ bearer: provider.token({ claims: { iss: 'https://evil.example' } }) }))).toBe(401)
  })

  test('F-08 a key set without a usable key keeps the last good one', async () => {
    const { ask, provider, clock } = await startProtected({ config: bearer })
    expect(await status(ask({ bearer: provider.token() }))).toBe(200)
    provider.publish()
    clock.pass(31)
    expect(await status(ask({ bearer: provider.token({ header: { kid: 'new' } }) }))).toBe(401)
    expect(await status(ask({ bearer: provider.token() }))).toBe(200)
  })

  test.for([
    { name: 'no answer in time', answer: 'hang' as const, reason: 'idp_unreachable' },
    { name: 'HTML', answer: { status: 200, body: '<html>' } as const, reason: 'idp_unreachable' },
    { name: '500', answer: { status: 500 } as const, reason: 'idp_unreachable' },
    { name: 'a JSON error', answer: { status: 400, body: '{"error":"invalid_client"}' } as const, reason: 'grant_refused' },
    { name: '200 with an error', answer: { error: 'invalid_client' }, reason: 'grant_refused' },
    { name: '403 with an empty body', answer: { status: 403 } as const, reason: 'grant_refused' },
    { name: 'a token of another type', answer: { access_token: 'x', token_type: 'MAC' }, reason: 'idp_unreachable' },
    { name: 'a list', answer: { status: 200, body: '[]' } as const, reason: 'idp_unreachable' },
    { name: 'no access token', answer: { token_type: 'Bearer' }, reason: 'token_invalid' },
  ])('F-10 the token endpoint gives $name: 401, nothing stored', async ({ answer, reason }) => {
    const { ask, provider, clock } = tokens
    clock.pass(3601)
    const good = { access_token: provider.token(), token_type: 'Bearer', expires_in: 60 }
    provider.script('/token', answer)
    expect(await ask({ basic: 'demo:demo-secret' })).toMatchObject({ status: 401, upstream: undefined, trace: { reason } })
    provider.script('/token', good)
    expect(await status(ask({ basic: 'demo:demo-secret' }))).toBe(200)
  })
})
