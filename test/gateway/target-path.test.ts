import { describe, expect, test } from 'vitest'
import { upstreamPath } from '../../src/gateway/upstream/target-path.js'
import { document } from './documents.js'

describe('the upstream’s path (section 8.5)', () => {
  test.for([
    { base: '/s', route: '/fv0', path: '/fv0/req', strip: false, expected: '/s/fv0/req' },
    { base: '/s', route: '/tv0', path: '/tv0/req', strip: true, expected: '/s/req' },
    { base: '/s', route: '/tv0', path: '/tv0', strip: true, expected: '/s' },
    { base: '/s', route: '/tv0/', path: '/tv0/', strip: true, expected: '/s/' },
    { base: '/s/', route: '/tv0', path: '/tv0/req', strip: true, expected: '/s/req' },
    { base: '/s', route: '/tv0', path: '/tv0x', strip: true, expected: '/s/x' },
    { base: undefined, route: '/oidcroute', path: '/oidcroute/get', strip: true, expected: '/get' },
    { base: undefined, route: '/oidcroute', path: '/oidcroute', strip: true, expected: '/' },
    { base: undefined, route: '/', path: '/get', strip: true, expected: '/get' },
    { base: '/s', route: undefined, path: '/get', strip: true, expected: '/s/get' },
    { base: '/s', route: '/a', path: '/a../x', strip: true, expected: undefined },
    { base: '/s', route: '/a', path: '/a..', strip: true, expected: undefined },
    { base: '/s', route: '/a', path: '/a..;/x', strip: true, expected: undefined },
    { base: '/s', route: '/a', path: '/a.b/x', strip: true, expected: '/s/.b/x' },
    { base: '/s', route: '/v1', path: '/v1req', strip: true, handling: 'v1', expected: '/sreq' },
    { base: '/s/', route: '/v1', path: '/v1/req', strip: true, handling: 'v1', expected: '/s/req' },
  ] as const)('$base + $path, route $route, strip $strip → $expected', (row) => {
    const { services, routes } = document({
      services: [{ path: row.base }],
      routes: [{ strip_path: row.strip, path_handling: 'handling' in row ? row.handling : 'v0' }],
    })
    expect(upstreamPath(services[0] as never, routes[0] as never, row.path, row.route)).toBe(row.expected)
  })
})
