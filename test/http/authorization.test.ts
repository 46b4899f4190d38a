import { describe, expect, test } from 'vitest'
import { formatBasic, formDecode, formEncode, parseBasic, parseBearer } from '../../src/http/authorization.js'

describe('Bearer (RFC 6750 §2.1)', () => {
  test.for([
    { field: 'Bearer abc', token: 'abc' },
    { field: 'bearer abc', token: 'abc' },
    { field: 'Bearer   abc ', token: 'abc' },
    { field: 'Bearer', token: undefined },
    { field: 'Bearer ', token: undefined },
    { field: 'Bearer a b', token: undefined },
    { field: 'Basic abc', token: undefined },
    { field: undefined, token: undefined },
  ])('$field → $token', ({ field, token }) => {
    expect(parseBearer(field)).toBe(token)
  })

  test('another scheme is read when it is asked for', () => {
    expect(parseBearer('DPoP abc', 'DPoP')).toBe('abc')
    expect(parseBearer('Bearer abc', 'DPoP')).toBeUndefined()
  })
})

describe('Basic (RFC 7617 §2)', () => {
  test('reads what it writes, colons in the password included', () => {
    const credentials = { username: 'm2m', password: 'a:b:ü' }
    expect(parseBasic(formatBasic(credentials))).toEqual(credentials)
  })

  test.for(['Basic', 'Basic %%%', `Basic ${Buffer.from('no colon').toString('base64')}`, 'Bearer abc', undefined])(
    '%s is none',
    (field) => {
      expect(parseBasic(field)).toBeUndefined()
    },
  )

  test('form encoding as RFC 6749 §2.3.1 asks', () => {
    expect(formEncode('a b+c%ü')).toBe('a+b%2Bc%25%C3%BC')
    expect(formDecode('a+b%2Bc%25%C3%BC')).toBe('a b+c%ü')
    expect(formDecode('100%')).toBeUndefined()
  })
})
