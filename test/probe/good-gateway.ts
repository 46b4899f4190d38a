import type { IncomingMessage } from 'node:http'

/** What a mutant does to an answer before it goes out. */
export interface Draft {
  status: number
  headers: Record<string, string | string[]>
  body: string
}

/** A JWT as the upstream receives it; nobody verifies it. */
export const TOKEN = [
  { alg: 'RS256', typ: 'at+jwt' },
  { iss: 'https://idp.example', scp: ['orders.read', 'openid'] },
]
  .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  .concat('c2lnbmF0dXJl')
  .join('.')

/** A gateway with an echo behind it that does everything right. */
export function answer(request: IncomingMessage): Draft {
  const { authorization } = request.headers
  const json = { 'content-type': 'application/json' }
  if (request.url?.startsWith('/login')) {
    const parameters = new URLSearchParams({
      response_type: 'code',
      client_id: 'gw',
      scope: 'openid profile',
      state: 'af0ifjsldkj',
      nonce: 'n-0S6_WzA2Mj',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
      redirect_uri: 'https://gw.example/cb',
    })
    const cookie = 'authorization=secret-value; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=600'
    return { status: 302, headers: { location: `https://idp.example/authorize?${parameters.toString()}`, 'set-cookie': cookie }, body: '' }
  }
  if (request.url === '/hop') return { status: 302, headers: { location: '/open' }, body: '' }
  if (request.url !== '/open' && authorization === undefined) {
    return {
      status: 401,
      headers: { ...json, 'www-authenticate': 'Bearer realm="idp.example", error="invalid_token", scope="orders.read"' },
      body: '{"message":"Unauthorized"}',
    }
  }
  const received = { host: 'upstream', authorization: `Bearer ${TOKEN}`, 'issuer-header': 'https://idp.example' }
  return {
    status: 200,
    headers: { ...json, 'x-route': 'orders' },
    body: JSON.stringify({ method: 'GET', url: '/orders', headers: received, items: [{ id: 1 }, { id: 2 }] }),
  }
}

/** One case for each kind of assertion, each named by it. */
export const SUITE = {
  cases: [
    { name: 'status', get: '/orders', as: 'good', expect: { status: 200 } },
    { name: 'protected', get: '/closed', expect: 'protected' },
    { name: 'login', get: '/login', expect: 'login' },
    { name: 'headers', get: '/open', expect: { headers: { 'x-route': 'orders', server: null } } },
    {
      name: 'challenge',
      get: '/closed2',
      expect: { challenge: { scheme: 'bearer', realm: 'idp.example', error: 'invalid_token', scope: { contains: 'orders' } } },
    },
    { name: 'body text', get: '/open', expect: { body: { text: { contains: '"id":2' } } } },
    {
      name: 'body json',
      get: '/open',
      expect: { body: { json: { '$.items[0].id': 1, '$.items[*].id': { equals: [1, 2] }, '$.nothing': null } } },
    },
    {
      name: 'body schema',
      get: '/open',
      expect: { body: { schema: { type: 'object', required: ['items'], properties: { items: { minItems: 2 } } } } },
    },
    {
      name: 'cookies',
      get: '/login',
      expect: { cookies: { 'auth*': { http_only: true, secure: true, same_site: 'Lax', path: '/', max_age: 600 }, other: null } },
    },
    {
      name: 'redirect',
      get: '/login',
      expect: {
        redirect: {
          to: 'https://idp.example/authorize',
          scope: 'openid',
          parameters: {
            response_type: 'code',
            code_challenge_method: 'S256',
            state: { present: true },
            redirect_uri: 'https://gw.example/cb',
          },
        },
      },
    },
    { name: 'hops', get: '/hop', follow: true, expect: { hops: [{ status: 302, location: '/open' }, { status: 200 }] } },
    {
      name: 'upstream',
      get: '/orders',
      as: 'good',
      expect: { upstream: { 'Issuer-Header': 'https://idp.example', 'x-secret': null, ':path': '/orders' } },
    },
    {
      name: 'forwarded_token',
      get: '/orders',
      as: 'good',
      expect: { forwarded_token: { claims: { iss: 'https://idp.example', scp: { contains: 'orders.read' } }, jose: { typ: 'at+jwt' } } },
    },
    { name: 'time', get: '/open', expect: { time: { first_byte: '30s', total: '30s' } } },
    { name: 'capture', get: '/open', capture: { id: { json: '$.items[1].id' } } },
  ],
}
