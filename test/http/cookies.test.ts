import { describe, expect, test } from 'vitest'
import { parseCookies, withoutCookies } from '../../src/http/cookies.js'

describe('cookies (RFC 6265)', () => {
  test('are read as sent, the first of a name wins, nothing is inherited', () => {
    expect({ ...parseCookies('a=1; b="2"; a=3; novalue; c==x=') }).toEqual({ a: '1', b: '2', c: '=x=' })
    expect(parseCookies('__proto__=1')['toString']).toBeUndefined()
    expect({ ...parseCookies(undefined) }).toEqual({})
  })

  test.for([
    { field: 'session=1; a=b;  c="d e"', expected: 'a=b;  c="d e"' },
    { field: 'a=b; session=1;c=d', expected: 'a=b;c=d' },
    { field: 'session=1', expected: undefined },
    { field: 'xsession=1', expected: 'xsession=1' },
    { field: undefined, expected: undefined },
  ])('$field without session → $expected', ({ field, expected }) => {
    expect(withoutCookies(field, (name) => name === 'session')).toBe(expected)
  })
})
