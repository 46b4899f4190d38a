import { describe, expect, test } from 'vitest'
import { formatChallenge, parseChallenges } from '../../src/http/challenge.js'

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe('WWW-Authenticate (RFC 9110 §11.6.1)', () => {
  test.for([
    { name: 'no field', field: undefined, expected: [] },
    { name: 'a scheme alone', field: 'Bearer', expected: [{ scheme: 'Bearer', parameters: {} }] },
    {
      name: 'quoted and bare values',
      field: 'Bearer realm="idp.example", error=invalid_token',
      expected: [{ scheme: 'Bearer', parameters: { realm: 'idp.example', error: 'invalid_token' } }],
    },
    {
      name: 'two challenges in one field',
      field: 'Basic realm="a", Bearer realm="b", scope="x y"',
      expected: [
        { scheme: 'Basic', parameters: { realm: 'a' } },
        { scheme: 'Bearer', parameters: { realm: 'b', scope: 'x y' } },
      ],
    },
    {
      name: 'two fields',
      field: ['Negotiate', 'Bearer'],
      expected: [
        { scheme: 'Negotiate', parameters: {} },
        { scheme: 'Bearer', parameters: {} },
      ],
    },
    { name: 'a token68', field: 'Negotiate YWJj==', expected: [{ scheme: 'Negotiate', parameters: {}, token68: 'YWJj==' }] },
    {
      name: 'escaped quotes',
      field: String.raw`Bearer realm="a \"b\" c"`,
      expected: [{ scheme: 'Bearer', parameters: { realm: 'a "b" c' } }],
    },
    { name: 'upper-case parameter names', field: 'Bearer Realm="a"', expected: [{ scheme: 'Bearer', parameters: { realm: 'a' } }] },
    { name: 'a comma inside quotes', field: 'Bearer realm="a, b"', expected: [{ scheme: 'Bearer', parameters: { realm: 'a, b' } }] },
    { name: 'text that is no challenge', field: '"oops', expected: [] },
    {
      name: 'a prototype name',
      field: 'Bearer __proto__="x"',
      expected: [{ scheme: 'Bearer', parameters: JSON.parse('{"__proto__":"x"}') as object }],
    },
  ])('$name', ({ field, expected }) => {
    expect(plain(parseChallenges(field))).toEqual(plain(expected))
  })

  test('what is formatted reads back', () => {
    const text = formatChallenge('Bearer', { realm: 'a "b"', error: undefined, scope: 'x y' })
    expect(text).toBe(String.raw`Bearer realm="a \"b\"", scope="x y"`)
    expect(plain(parseChallenges(text))).toEqual([{ scheme: 'Bearer', parameters: { realm: 'a "b"', scope: 'x y' } }])
  })
})
