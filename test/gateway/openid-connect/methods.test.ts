import { describe, expect, test } from 'vitest'
import { startProtected } from '../../support/protected-gateway.js'

describe('bearer', () => {
  test('a valid token reaches the upstream, none does not', async () => {
    const { ask, provider } = await startProtected({ config: { auth_methods: ['bearer'] } })
    const token = provider.token()
    const good = await ask({ bearer: token })
    expect(good.body).toContain('headers')
    expect(good).toMatchObject({ status: 200, upstream: { headers: { Authorization: `Bearer ${token}` } } })
    const none = await ask()
    expect(none).toMatchObject({
      status: 401,
      body: '{"message":"Unauthorized"}',
      challenge: 'Bearer realm="127.0.0.1"',
      upstream: undefined,
      trace: { reason: 'no_credential' },
    })
  })
})
