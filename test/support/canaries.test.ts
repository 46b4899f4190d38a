import { describe, expect, test } from 'vitest'
import { maskToken, redactHeader, redactText, redactUrl } from '../../src/http/redact.js'
import { Canaries } from './canaries.js'

const OPAQUE = 'mF_9.B5f-4.1JqM'
const LONG = 'Zb3v1Xk-9QmT0yR_s7LwPq2nHf8cJd5aUe6gKi4oVtBxNzM'
const JWT = `eyJhbGciOiJSUzI1NiJ9.${Buffer.from('{"sub":"somebody"}').toString('base64url')}.${LONG}`
const BASIC = Buffer.from('demo:demo-secret').toString('base64')

/** What the net says of a text. */
function complaint(text: string, known: Readonly<Record<string, string>> = {}): string | undefined {
  const canaries = new Canaries()
  for (const [what, value] of Object.entries(known)) canaries.add(what, value)
  canaries.read('stderr', text)
  return canaries.complaint
}

describe('what gives itself away by its form', () => {
  test.for([
    { what: 'signed token', text: `got ${JWT}` },
    { what: 'signed token', text: `got eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..${LONG}.${LONG}.${LONG}` },
    { what: 'private key', text: `-----BEGIN EC PRIVATE KEY-----\n${LONG}` },
    { what: 'private key', text: JSON.stringify(`-----BEGIN PRIVATE KEY-----\n${LONG}`) },
    { what: 'private key', text: `{"kty":"EC","d":"${LONG}"}` },
    { what: 'basic credentials', text: `> authorization: Basic ${BASIC}` },
    { what: 'bearer token', text: `> authorization: Bearer ${OPAQUE}` },
    { what: 'bearer token', text: `> authorization: dpop ${OPAQUE}` },
    { what: 'cookie', text: '< set-cookie: session=c2Vzc2lvbg; Path=/' },
    { what: 'cookie', text: '["Cookie","session=c2Vzc2lvbg"] cookie: session=c2Vzc2lvbg' },
    { what: 'secret parameter', text: '> GET http://h/cb?code=SplxlOBeZQ&iss=x' },
    { what: 'secret parameter', text: '> grant_type=authorization_code&code_verifier=dBjftJeZ4CVP' },
    { what: 'secret parameter', text: '> GET http://h/authorize?response_type=code&state=af0ifjsldkj' },
    { what: 'secret parameter', text: '> GET http://h/authorize?nonce=n-0S6_WzA2Mj' },
    { what: 'secret parameter', text: 'return_to=http%3A%2F%2Fh%2Fcb%3Fcode%3DSplxlOBeZQ' },
    { what: 'secret member', text: `{"refresh_token": "${OPAQUE}"}` },
    { what: 'secret member', text: `"{\\"client_secret\\":\\"${OPAQUE}\\"}"` },
  ])('$what: $text', ({ what, text }) => {
    const said = complaint(text) ?? ''
    expect(said).toMatch(new RegExp(`^stderr shows a ${what}: `))
    for (const value of [OPAQUE, LONG, BASIC, 'c2Vzc2lvbg', 'SplxlOBeZQ', 'dBjftJeZ4CVP', 'af0ifjsldkj', 'n-0S6_WzA2Mj']) {
      expect(said).not.toContain(value)
    }
  })

  test.for([
    ['a masked token', `access token ${maskToken(JWT)}, refresh token ${maskToken(OPAQUE)}`],
    ['masked headers', redactHeader('authorization', `Bearer ${JWT}`) + redactHeader('authorization', `Basic ${BASIC}`)],
    ['masked cookies', `set-cookie: ${redactHeader('set-cookie', 'session=c2Vzc2lvbg; Path=/')}`],
    ['a masked address', redactUrl('http://h/cb?code=SplxlOBeZQ&state=af0ifjsldkj&to=http%3A%2F%2Fh%2Fcb%3Fcode%3DSplxlOBeZQ')],
    ['masked text', redactText(`{"refresh_token":"${OPAQUE}"} Bearer ${OPAQUE} client_secret=${OPAQUE}`)],
    ['a challenge', '< www-authenticate: Bearer resource_metadata="https://h/.well-known/oauth-protected-resource2"'],
    ['words', 'jwt-bearer token-exchange; Basic authentication; code=5, state=open; "code":"ERR_NOT_A_TOKEN"'],
    ['an address to be opened', 'Sign in at:\nhttp://h/authorize?response_type=code&state=af0ifjsldkj&nonce=n-0S6_WzA2Mj\n'],
    ['a logout to be opened', `Sign out at:\nhttp://h/logout?id_token_hint=${JWT}\n`],
    ['what was expected', 'Expected PEM: -----BEGIN PRIVATE KEY-----\n'],
    ['a public key', `{"kty":"EC","x":"${LONG}"} -----BEGIN PUBLIC KEY-----`],
  ] as const)('%s is none', ([, text]) => {
    expect(complaint(text)).toBeUndefined()
  })
})

describe('what is known to be secret', () => {
  test.for([
    { name: 'as it is', value: 'wonderland', text: 'tried wonderland' },
    { name: 'a piece of a long one', value: LONG, text: `tried ${LONG.slice(6, 32)}…` },
    { name: 'the signature of a token alone', value: JWT, text: `signature ${LONG}` },
    { name: 'in an address', value: 'p@ss word+1', text: '/?x=p%40ss%20word%2B1' },
    { name: 'in JSON', value: 'quote"and\\more', text: JSON.stringify({ x: 'quote"and\\more' }) },
  ])('$name', ({ value, text }) => {
    expect(complaint(text, { 'password of alice': value })).toMatch(/^stderr shows a password of alice: /)
    expect(complaint(text, { 'password of alice': `another ${value}` })).toBeUndefined()
  })

  test('one that is too short to be told from words is left alone', () => {
    expect(complaint('an opaque token', { token: 'opaque' })).toBeUndefined()
  })

  test('the header of a token is public', () => {
    expect(complaint('eyJhbGciOiJSUzI1NiJ9 is a header', { token: JWT })).toBeUndefined()
  })

  test('a search costs what the text is long, however much is looked for', () => {
    const canaries = new Canaries()
    for (let index = 0; index < 20_000; index++) canaries.add('token', `${index}-${LONG}`)
    const text = 'nothing to see here, '.repeat(20_000)
    const started = performance.now()
    canaries.read('log', text)
    expect(performance.now() - started).toBeLessThan(1_000)
    expect(canaries.complaint).toBeUndefined()
  })
})

test('the first find is what is thrown', () => {
  const canaries = new Canaries()
  canaries.read('stdout', 'nothing')
  expect(() => canaries.expectSilence()).not.toThrow()
  canaries.read('stderr', `first ${JWT}`)
  canaries.read('log', `then ${JWT}`)
  expect(() => canaries.expectSilence()).toThrow(/^stderr shows a signed token: first \[/)
})
