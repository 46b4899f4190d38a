import { describe, expect, test } from 'vitest'
import { startProtected, type Ask } from '../../support/protected-gateway.js'

const config = {
  auth_methods: ['bearer', 'password', 'session'],
  client_id: ['demo'],
  client_secret: ['demo-secret'],
  session_secret: 'a-session-secret-of-32-characters',
  disable_session: ['bearer', 'password'],
  bearer_token_param_type: ['header', 'query', 'body', 'cookie'],
  bearer_token_cookie_name: 'at',
  upstream_access_token_header: null,
}
const form = { 'content-type': 'application/x-www-form-urlencoded' }
const json = { 'content-type': 'application/json' }

/** G-38: the credential that was used goes, wherever it came from; all else stays byte for byte. */
describe('hide_credentials', () => {
  const places: readonly { name: string; ask: (token: string) => Ask }[] = [
    { name: 'header', ask: (token) => ({ bearer: token }) },
    { name: 'other header', ask: (token) => ({ headers: { 'x-access-token': token } }) },
    { name: 'query', ask: (token) => ({ path: `/anything?a=%20b+c&access_token=${token}&d=%2f` }) },
    { name: 'form', ask: (token) => ({ method: 'POST', headers: form, body: `a=%20b+c&access_token=${token}&d=%2f` }) },
    { name: 'JSON', ask: (token) => ({ method: 'POST', headers: json, body: JSON.stringify({ a: [1], access_token: token, b: null }) }) },
    { name: 'cookie', ask: (token) => ({ headers: { cookie: `x="1"; at=${token}; y=a b` } }) },
    { name: 'user in a form', ask: () => ({ method: 'POST', headers: form, body: 'username=alice&a=1&password=wonderland' }) },
  ]

  test.for(places)('$name', async ({ ask: asking }) => {
    const { ask, provider } = await startProtected({ config, routes: { '/shown': { ...config, hide_credentials: false } } })
    const what = asking(provider.token())
    const hidden = await ask(what)
    const shown = await ask({ ...what, path: `/shown${what.path ?? '/anything'}` })
    expect([hidden.status, shown.status]).toEqual([200, 200])
    expect(hidden.body).not.toMatch(/eyJ|wonderland/)
    expect(shown.body).toMatch(/eyJ|wonderland/)
    expect(hidden.body).not.toContain('access_token')
  })

  test('the rest of query, body and cookies is as it was', async () => {
    const { ask, provider } = await startProtected({ config })
    const token = provider.token()
    expect((await ask({ path: `/anything?a=%20b+c&access_token=${token}&d=%2f` })).upstream?.url).toBe('/anything?a=%20b+c&d=%2f')
    const posted = await ask({ method: 'POST', headers: form, body: `a=%20b+c&access_token=${token}&d=%2f` })
    expect(JSON.parse(posted.body)).toMatchObject({ data: 'a=%20b+c&d=%2f' })
    const cookies = await ask({
      headers: { cookie: `x="1"; at=${token}; y=a b; session=old; session2=old; authorization=old; sessions=keep` },
    })
    expect(cookies.upstream?.headers['Cookie']).toBe('x="1"; y=a b; sessions=keep')
    const basic = await ask({ basic: 'alice:wonderland' })
    expect(basic.upstream?.headers).not.toHaveProperty('Authorization')
  })

  test('other credentials on the same request stay', async () => {
    const { ask, provider } = await startProtected({ config })
    const { upstream } = await ask({ headers: { 'x-access-token': provider.token(), authorization: 'Basic Zm9vOmJhcg==' } })
    expect(upstream?.headers['Authorization']).toBe('Basic Zm9vOmJhcg==')
  })
})
