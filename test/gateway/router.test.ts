import { describe, expect, test } from 'vitest'
import type { GatewayRequest } from '../../src/gateway/request.js'
import type { RouterFlavor } from '../../src/gateway/router/priority.js'
import { createRouter } from '../../src/gateway/router/router.js'
import { normalisePath } from '../../src/http/path.js'
import type { Route } from '../../src/kong/entities.js'
import { document } from './documents.js'

interface Asked {
  readonly method?: string
  readonly host?: string
  readonly port?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly scheme?: 'http' | 'https'
  readonly sni?: string
}

const ask = (path: string, { method = 'GET', host = 'a.test', port = 80, headers = {}, scheme = 'http', sni }: Asked = {}) =>
  ({ method, path: normalisePath(path), host, port, headers, scheme, sni }) as unknown as GatewayRequest

/** The name of the route chosen, or what happened instead. */
function choose(routes: readonly Partial<Route>[], path: string, asked: Asked = {}, flavor?: RouterFlavor): string | undefined {
  const routing = createRouter(document({ routes: routes as never }).routes, flavor).match(ask(path, asked))
  return routing.kind === 'matched' ? routing.route.name : routing.kind
}

const FLAVORS = ['traditional_compatible', 'traditional'] as const

describe.for(FLAVORS)('%s (section 8.4)', (flavor) => {
  test.for([
    { name: 'a prefix of the path', path: '/oidcroute/get', expected: 'p' },
    { name: 'a prefix that ends within a segment', path: '/oidcroutes', expected: 'p' },
    { name: 'the path itself', path: '/oidcroute', expected: 'p' },
    { name: 'less than the prefix', path: '/oidcrout', expected: 'none' },
    { name: 'the prefix elsewhere', path: '/x/oidcroute', expected: 'none' },
    { name: 'another case', path: '/OIDCROUTE', expected: 'none' },
  ])('path /oidcroute, request with $name → $expected', ({ path, expected }) => {
    expect(choose([{ name: 'p', paths: ['/oidcroute'] }], path, {}, flavor)).toBe(expected)
  })

  test.for([
    { host: 'a.example.com', expected: 'left' },
    { host: 'x.y.example.com', expected: 'left' },
    { host: 'example.com', expected: 'none' },
    { host: '.example.com', expected: 'none' },
    { host: 'evil-example.com', expected: 'none' },
    { host: 'right.org', expected: 'right' },
    { host: 'right.co.uk', expected: 'right' },
    { host: 'right.', expected: 'none' },
    { host: 'xright.org', expected: 'none' },
    { host: 'plain.test', expected: 'plain' },
    { host: 'xplain.test', expected: 'none' },
    { host: 'ported.test', port: 81, expected: 'ported' },
    { host: 'ported.test', port: 80, expected: 'none' },
  ])('host $host:$port → $expected', ({ host, port = 80, expected }) => {
    const routes = [
      { name: 'left', hosts: ['*.example.com'] },
      { name: 'right', hosts: ['right.*'] },
      { name: 'plain', hosts: ['Plain.test'] },
      { name: 'ported', hosts: ['ported.test:81'] },
    ]
    expect(choose(routes, '/', { host, port }, flavor)).toBe(expected)
  })

  test.for([
    { headers: { version: 'v1' }, expected: 'exact' },
    { headers: { version: 'V2' }, expected: 'exact' },
    { headers: { version: 'v3' }, expected: 'none' },
    { headers: {}, expected: 'none' },
    { headers: { agent: 'Mobile/7' }, expected: 'regex' },
    { headers: { agent: 'desktop' }, expected: 'none' },
  ])('headers $headers → $expected', ({ headers, expected }) => {
    const routes = [
      { name: 'exact', paths: ['/'], headers: { Version: ['v1', 'v2'] } },
      { name: 'regex', paths: ['/'], headers: { Agent: ['~*^mobile/\\d'] } },
    ]
    expect(choose(routes, '/', { headers: headers as Record<string, string> }, flavor)).toBe(expected)
  })

  test('all declared attributes must hold', () => {
    const route = { name: 'r', methods: ['POST'], hosts: ['a.test'], paths: ['/x'], headers: { v: ['1'] } }
    const right = { method: 'POST', host: 'a.test', headers: { v: '1' } }
    expect(choose([route], '/x', right, flavor)).toBe('r')
    expect(choose([route], '/y', right, flavor)).toBe('none')
    for (const wrong of [{ method: 'GET' }, { host: 'b.test' }, { headers: { v: '2' } }]) {
      expect(choose([route], '/x', { ...right, ...wrong }, flavor)).toBe('none')
    }
  })

  test.for([
    { name: 'more attributes first', routes: [{ paths: ['/long/path'] }, { paths: ['/'], methods: ['GET'] }] },
    {
      name: 'plain hosts before wildcards',
      routes: [
        { hosts: ['*.test'], paths: ['/long'] },
        { hosts: ['a.test'], paths: ['/'] },
      ],
    },
    {
      name: 'more header conditions first',
      routes: [
        { paths: ['/long'], headers: { a: ['1'] } },
        { paths: ['/'], headers: { a: ['1'], b: ['2'] } },
      ],
    },
    { name: 'a regular expression before a prefix', routes: [{ paths: ['/long/path'] }, { paths: ['~/l'] }] },
    {
      name: 'the larger regex_priority',
      routes: [
        { paths: ['~/long/path'], regex_priority: 1 },
        { paths: ['~/l'], regex_priority: 2 },
      ],
    },
    { name: 'the longer prefix', routes: [{ paths: ['/long'] }, { paths: ['/long/path'] }] },
  ])('$name', ({ routes }) => {
    const named = routes.map((route, index) => ({ name: index === 1 ? 'winner' : 'loser', ...route })) as Partial<Route>[]
    const asked = { host: 'a.test', headers: { a: '1', b: '2' } }
    expect(choose(named, '/long/path', asked, flavor)).toBe('winner')
    expect(choose(named.toReversed(), '/long/path', asked, flavor)).toBe('winner')
  })

  test('U21 equal routes: the first of the document', () => {
    expect(
      choose(
        [
          { name: 'first', paths: ['/a'] },
          { name: 'second', paths: ['/a'] },
        ],
        '/a',
        {},
        flavor,
      ),
    ).toBe('first')
  })

  test('each path of a route is ranked for itself', () => {
    const routes = [
      { name: 'both', paths: ['/a', '/a/very/long'] },
      { name: 'middle', paths: ['/a/very'] },
    ]
    expect(choose(routes, '/a/very/long', {}, flavor)).toBe('both')
    expect(choose(routes, '/a/very/x', {}, flavor)).toBe('middle')
  })

  test('server names count for TLS connections', () => {
    const routes = [{ name: 's', snis: ['a.test'], paths: ['/'] }]
    expect(choose(routes, '/', { scheme: 'https', sni: 'a.test' }, flavor)).toBe('s')
    expect(choose(routes, '/', { scheme: 'https', sni: 'b.test' }, flavor)).toBe('none')
    expect(choose(routes, '/', { scheme: 'https' }, flavor)).toBe('none')
  })

  test('an https-only route over http asks for https, unless an http route fits', () => {
    const secure = { name: 'secure', paths: ['/a'], protocols: ['https'] as const }
    expect(choose([secure], '/a', {}, flavor)).toBe('https_required')
    expect(choose([secure], '/a', { scheme: 'https' }, flavor)).toBe('secure')
    expect(choose([secure, { name: 'plain', paths: ['/'] }], '/a', {}, flavor)).toBe('plain')
    expect(choose([{ name: 'plain', paths: ['/a'], protocols: ['http'] }], '/a', { scheme: 'https' }, flavor)).toBe('none')
  })
})

describe('a regular expression as path', () => {
  const match = (path: string, pattern: string) =>
    createRouter(document({ routes: [{ name: 'r', paths: [pattern] }] }).routes).match(ask(path))

  test('is anchored at the start only, and gives its captures', () => {
    expect(match('/orders/7/items', '~/orders/(?<id>\\d+)')).toMatchObject({
      kind: 'matched',
      matchedPath: '/orders/7',
      captures: { id: '7', '1': '7', '0': '/orders/7' },
    })
    expect(match('/x/orders/7', '~/orders/(?<id>\\d+)').kind).toBe('none')
    expect(match('/orders/7/items', '~/orders/\\d+$').kind).toBe('none')
  })

  test('alternatives are anchored together', () => {
    expect(match('/x/b', '~/a|/b').kind).toBe('none')
    expect(match('/b', '~/a|/b').kind).toBe('matched')
  })

  test('named groups and the case flag of PCRE are understood', () => {
    expect(match('/a/7', '~/a/(?P<n>\\d)')).toMatchObject({ captures: { n: '7' } })
    expect(match('/A/7', '~(?i)/a/\\d').kind).toBe('matched')
    expect(match('/A/7', '~/a/\\d').kind).toBe('none')
  })
})

test('the index finds among 1,000 routes what a walk over them finds', () => {
  const routes = Array.from({ length: 1_000 }, (_, index): Partial<Route> => {
    const paths = [index % 7 === 0 ? `~/r${index % 50}/\\d+` : `/r${index % 300}${index % 3 ? `/x${index}` : ''}`]
    return {
      name: `r${index}`,
      paths,
      ...(index % 5 === 0 && { hosts: [index % 2 ? '*.test' : 'a.test'] }),
      ...(index % 11 === 0 && { methods: ['POST'] }),
    }
  })
  for (const flavor of FLAVORS) {
    const config = document({ routes: routes as never })
    const router = createRouter(config.routes, flavor)
    const singles = config.routes.map((route) => createRouter([route], flavor))
    for (let index = 0; index < 60; index++) {
      const request = ask(`/r${index}/${index % 2 ? index : `x${index * 3 + 1}`}`, {
        method: index % 4 ? 'GET' : 'POST',
        host: index % 3 ? 'a.test' : 'b.test',
      })
      const alone = config.routes.filter((_, at) => singles[at]?.match(request).kind === 'matched')
      const best = createRouter(alone, flavor).match(request)
      const found = router.match(request)
      expect(found.kind === 'matched' ? found.route.name : 'none').toBe(best.kind === 'matched' ? best.route.name : 'none')
    }
  }
})
