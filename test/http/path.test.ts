import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hasDotSegment, normalisePath, parseTarget } from '../../src/http/path.js'

describe('normalisePath (RFC 3986 §6.2.2)', () => {
  test.for([
    ['/', '/'],
    ['/a/b', '/a/b'],
    ['/a/', '/a/'],
    ['//a///b//', '/a/b/'],
    ['/a/./b', '/a/b'],
    ['/a/../b', '/b'],
    ['/a/..', '/'],
    ['/a/b/..', '/a/'],
    ['/a/.', '/a/'],
    ['/..', '/'],
    ['/../../a', '/a'],
    ['/%61%7E', '/a~'],
    ['/%2e%2E/a', '/a'],
    ['/a%3fb', '/a%3Fb'],
    ['/%25%32e', '/%252e'],
    ['/ä', '/%E4'],
    ['/{x}|"y"', '/%7Bx%7D%7C%22y%22'],
    ['/a;v=1/b', '/a;v=1/b'],
    ['/...', '/...'],
    ['/.well-known', '/.well-known'],
  ])('%s → %s', ([raw, normal]) => {
    expect(normalisePath(raw as string)).toBe(normal)
  })

  test.for([
    '',
    'a',
    '*',
    'http://h/a',
    '/%',
    '/%4',
    '/%zz',
    '/%2f',
    '/%5C',
    '/%00',
    '/%0a',
    '/\\a',
    '/a b',
    '/a\tb',
    '/..;/a',
    '/.;x',
    '/a/..;y=1',
  ])('%j is refused', (raw) => {
    expect(parseTarget(raw)).toMatchObject({ ok: false, why: expect.stringMatching(/\w/) as string })
  })

  test('the query stays as it came, a fragment is cut off', () => {
    expect(parseTarget('/a?b=%2e&c=?#d')).toEqual({ ok: true, path: '/a', query: 'b=%2e&c=?' })
    expect(parseTarget('/a#b?c')).toEqual({ ok: true, path: '/a', query: '' })
    expect(parseTarget('/a?b c')).toMatchObject({ ok: false })
  })

  const piece = fc.constantFrom('a', '.', '..', '/', '%2e', '%2E', '%61', '%41', ';', '%', '%2f', '~', '%25', '\u00e4', ':', '@', '%c3')
  test('is its own normal form, has no dot segment, and begins with one slash', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const path = normalisePath(`/${pieces.join('')}`)
        if (path === undefined) return
        expect(normalisePath(path)).toBe(path)
        expect(hasDotSegment(path)).toBe(false)
        expect(path).toMatch(/^\/(?!\/)/)
        // what any later reader resolves is the same again
        expect(new URL(path, 'http://h').pathname).toBe(path)
      }),
    )
  })
})
