import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readRouteWishes } from '../../src/client/route-wishes.js'
import { createMemoryHost } from '../support/memory-host.js'
import { createWorkspace, openIdp, profileFor, secretsOf } from './workspace.js'

type Answer = readonly [number, Readonly<Record<string, string>>, unknown?]

async function gateway(answer: (request: IncomingMessage, origin: string) => Answer) {
  let origin = ''
  const server = createServer((request, response) => {
    const [status, headers, body] = answer(request, origin)
    response.writeHead(status, headers).end(body === undefined ? '' : JSON.stringify(body))
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => void server.close())
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { origin, wishes: () => readRouteWishes(new URL('/orders/1', origin), createMemoryHost(), {}) }
}

const challenge = (value: string): Answer => [401, { 'www-authenticate': value }]

describe('what a route wants (RFC 6750 §3, RFC 9470, RFC 9728)', () => {
  test.for<{ name: string; answer: Answer; asks: object }>([
    { name: 'scope', answer: challenge('Bearer realm="x", scope="orders.read"'), asks: { scope: 'orders.read' } },
    {
      name: 'step-up',
      answer: challenge('Bearer error="insufficient_user_authentication", acr_values="urn:mfa", max_age="60"'),
      asks: { acr_values: 'urn:mfa', max_age: 60 },
    },
    { name: 'DPoP', answer: challenge('DPoP algs="ES256"'), asks: { dpop: true } },
    { name: 'the second challenge', answer: challenge('Basic realm="a", Bearer scope="s"'), asks: { scope: 's' } },
    {
      name: 'a redirect to sign in',
      answer: [
        302,
        { location: 'https://idp.example/authorize?client_id=gw&response_type=code&scope=openid+email&audience=api&state=SECRET' },
      ],
      asks: { scope: 'openid email', audience: 'api' },
    },
    { name: 'a redirect elsewhere', answer: [302, { location: 'https://elsewhere.example/?scope=a' }], asks: {} },
    { name: 'only Basic', answer: challenge('Basic realm="a"'), asks: {} },
    { name: 'nothing, it is open', answer: [200, {}], asks: {} },
  ])('$name', async ({ answer, asks }) => {
    const { wishes } = await gateway(() => answer)
    const { asks: read, found } = await wishes()
    expect(read).toEqual(asks)
    expect(found.length).toBeGreaterThan(0)
    expect(found.join()).not.toContain('SECRET')
  })

  const withMetadata = (resource: (origin: string) => unknown) =>
    gateway((request, origin) =>
      request.url === '/meta'
        ? [
            200,
            { 'content-type': 'application/json' },
            {
              resource: resource(origin),
              authorization_servers: ['https://idp.example'],
              scopes_supported: ['a', 'b'],
              dpop_bound_access_tokens_required: true,
            },
          ]
        : challenge(`Bearer resource_metadata="${origin}/meta"`),
    )

  test('protected resource metadata about this very route counts', async () => {
    const { wishes, origin } = await withMetadata((base) => `${base}/orders`)
    expect(await wishes()).toMatchObject({
      asks: { resource: `${origin}/orders`, scope: 'a b', dpop: true },
      issuers: ['https://idp.example'],
    })
  })

  test.for([
    ['another host', () => 'https://victim.example/orders'],
    ['a sibling path', (base: string) => `${base}/order`],
    ['no resource', () => undefined],
  ] as const)('metadata about %s is not believed (RFC 9728 §3.3)', async ([, resource]) => {
    const { wishes } = await withMetadata(resource)
    expect(await wishes()).toMatchObject({
      asks: {},
      issuers: [],
      found: expect.arrayContaining([expect.stringContaining('is not believed')]) as string[],
    })
  })
})

describe('login --for URL', () => {
  test('obtains what the route wants, says it, and warns when the route trusts somebody else', async () => {
    const idp = await openIdp()
    const { origin } = await gateway((request, base) =>
      request.url === '/meta'
        ? [200, {}, { resource: `${base}/orders`, authorization_servers: ['https://other.example'] }]
        : challenge(`Bearer scope="api.read", resource_metadata="${base}/meta"`),
    )
    const work = await createWorkspace({
      default_profile: 'm2m',
      profiles: { m2m: profileFor(idp, 'm2m', { resource: 'api://oidcgw-lab' }) },
    })
    const run = (line: string) => work.run(line, { env: secretsOf(idp) })
    const { stderr } = await run(`login --for ${origin}/orders/1`)
    expect(stderr).toContain('401 with a Bearer challenge\nscope: api.read')
    expect(stderr).toContain(`the route trusts https://other.example, not ${idp.issuer}`)
    const flags = await run(`login --for ${origin}/orders/1 --resource api://oidcgw-lab`)
    expect(flags).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('(api.read; 1 h left') as string })
    expect(await run('login --for nonsense')).toMatchObject({ exitCode: 2 })
  })

  test('a kept token shows the step-up challenge', async () => {
    const idp = await openIdp()
    const { origin } = await gateway((request) =>
      challenge(request.headers.authorization ? 'Bearer error="insufficient_user_authentication", max_age="5"' : 'Bearer'),
    )
    const work = await createWorkspace({ default_profile: 'm2m', profiles: { m2m: profileFor(idp, 'm2m') } })
    const run = (line: string) => work.run(line, { env: secretsOf(idp) })
    await run('login')
    expect((await run(`login --for ${origin}/`)).stderr).toContain('error insufficient_user_authentication\nmax_age: 5')
  })
})
