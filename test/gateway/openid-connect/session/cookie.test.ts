import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  cookieValues,
  formatClearing,
  formatCookie,
  joinChunks,
  splitValue,
  staleChunks,
  type CookieAttributes,
} from '../../../../src/gateway/plugins/openid-connect/session/cookie.js'
import { Cookies, createTestExchange, createWorkshop, logIn, sessionData, visit } from './browser.js'

const plain: CookieAttributes = { domain: null, path: '/', sameSite: 'Lax', secure: false, httpOnly: true }
const setCookies = (exchange: ReturnType<typeof createTestExchange>) => exchange.downstream.get('set-cookie') ?? []
/** Random text does not deflate much: about this many characters of cookie. */
const token = (length: number) =>
  Array.from({ length: Math.ceil(length / 11) }, () => Math.random().toString(36).slice(2).padEnd(11, 'x'))
    .join('')
    .slice(0, length)

describe('attributes in Kong’s order (section 5.2, G-123)', () => {
  test.for([
    [plain, 'n=v; Path=/; SameSite=Lax; HttpOnly'],
    [{ ...plain, secure: true }, 'n=v; Path=/; SameSite=Lax; Secure; HttpOnly'],
    [{ ...plain, domain: 'a.test', path: '/x' }, 'n=v; Domain=a.test; Path=/x; SameSite=Lax; HttpOnly'],
    [{ ...plain, sameSite: 'None' }, 'n=v; Path=/; SameSite=None; Secure; HttpOnly'],
    [{ ...plain, sameSite: 'Default', httpOnly: false }, 'n=v; Path=/; SameSite=Default'],
    [{ ...plain, sameSite: 'Strict' }, 'n=v; Path=/; SameSite=Strict; HttpOnly'],
  ] as const)('%j', ([attributes, expected]) => {
    expect(formatCookie('n', 'v', attributes)).toBe(expected)
    expect(formatClearing('n', attributes)).toBe(`${expected.replace('n=v', 'n=')}; Expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0`)
  })

  test.for([
    { scheme: 'http', set: null, secure: false },
    { scheme: 'https', set: null, secure: true },
    { scheme: 'http', set: true, secure: true },
    { scheme: 'https', set: false, secure: false },
  ] as const)('Secure over $scheme with session_cookie_secure $set: $secure', async ({ scheme, set, secure }) => {
    const { sessions, clock } = createWorkshop({ session_cookie_secure: set })
    const exchange = createTestExchange(clock, { scheme })
    await sessions.save(exchange, sessionData())
    expect(setCookies(exchange)[0]?.includes('; Secure')).toBe(secure)
    expect(exchange.downstream.get('cache-control')).toEqual(['no-store']) // G-136
  })

  test('form_post over https: the authorization cookie is SameSite=None; Secure (G-116)', async () => {
    const login = { state: 's', nonce: 'n', redirect_uri: 'https://a/', originalUrl: '/', clientIndex: 0, startedAt: 0 }
    for (const [settings, scheme, expected] of [
      [{ response_mode: 'form_post' }, 'https', '; SameSite=None; Secure; HttpOnly'],
      [{ response_mode: 'form_post.jwt' }, 'https', '; SameSite=None; Secure; HttpOnly'],
      [{ response_mode: 'form_post' }, 'http', '; SameSite=Default; HttpOnly'],
      [{ response_mode: 'form_post', authorization_cookie_same_site: 'Strict' }, 'https', '; SameSite=Strict; Secure; HttpOnly'],
      [{}, 'https', '; SameSite=Default; Secure; HttpOnly'],
    ] as const) {
      const { sessions, clock } = createWorkshop(settings)
      const exchange = createTestExchange(clock, { scheme })
      await sessions.logins.add(exchange, login)
      expect(setCookies(exchange)[0]).toMatch(new RegExp(`${expected}$`))
    }
  })
})

describe('names are compared byte for byte (G-124)', () => {
  test.for([
    ['session=a', ['a']],
    ['x=1; session=a', ['a']],
    ['x=1;session=a;y=2', ['a']],
    ['\tsession =a ', ['a']],
    ['session=a; session=b', ['a', 'b']],
    ['session=a=b', ['a=b']],
    ['session="a"', ['"a"']],
    ['Session=a', []],
    ['session2=a', []],
    ['xsession=a', []],
    ['\u2000session=a', []],
    ['\u00a0session=a', []],
    ['=session=a', []],
    ['$Version=1; session', []],
    ['session\u0000=a', []],
    ['', []],
    [undefined, []],
  ] as const)('%j', ([field, values]) => {
    expect(cookieValues(field, 'session')).toEqual(values)
  })
})

describe('splitting (section 5.2, G-126)', () => {
  test('name, = and value stay within 4,096 bytes; the first piece has no number', () => {
    const chunks = splitValue('session', 'x'.repeat(10_000))
    expect(chunks.map(([name]) => name)).toEqual(['session', 'session2', 'session3'])
    expect(chunks.map(([name, value]) => name.length + 1 + value.length)).toEqual([4096, 4096, 10_000 - 4088 - 4087 + 9])
  })

  test('nine pieces are the most', () => {
    expect(splitValue('session', 'x'.repeat(4088 + 8 * 4087))).toHaveLength(9)
    expect(() => splitValue('session', 'x'.repeat(4088 + 8 * 4087 + 1))).toThrow(/cookie size limit exceeded/)
  })

  test('any value written is read again, exact multiples too; a missing, short or further piece gives nothing', () => {
    const lengths = fc.oneof(
      fc.integer({ min: 1, max: 36_000 }),
      fc.constantFrom(4087, 4088, 4089, 4088 + 4087, 4088 + 4087 + 1, 4088 + 8 * 4087),
    )
    fc.assert(
      fc.property(lengths, fc.nat(), (length, pick) => {
        const value = token(length)
        const chunks = splitValue('session', value)
        const field = (pieces: typeof chunks) => pieces.map(([name, piece]) => `${name}=${piece}`).join('; ')
        const first = chunks[0]?.[1] ?? ''
        expect(joinChunks(field(chunks), 'session', first, length)).toBe(value)
        expect(joinChunks(field(chunks), 'session', first, length + 1)).toBeUndefined()
        if (chunks.length > 1) {
          const missing = 1 + (pick % (chunks.length - 1))
          expect(joinChunks(field(chunks.filter((_, index) => index !== missing)), 'session', first, length)).toBeUndefined()
          if ((chunks.at(-1)?.[1].length ?? 0) > 1) expect(joinChunks(field(chunks), 'session', first, length - 1)).toBeUndefined()
        }
      }),
      { numRuns: 60 },
    )
  })

  test('G-125: no length in a cookie makes us loop', () => {
    const field = 'session=x; session2=y; session99999999=z'
    for (const length of [99_999_999, Infinity, NaN, -1]) expect(joinChunks(field, 'session', 'x', length)).toBeUndefined()
    expect(staleChunks(field, 'session', 1)).toEqual([2])
  })
})

describe('a large session in the cookie', () => {
  const large = (length: number) => sessionData({ tokens: { access_token: token(length), id_token: token(length) } })

  test('G-126: it comes back whole; when it shrinks the further cookies are taken away', async () => {
    const shop = createWorkshop()
    const cookies = await logIn(shop, large(9000))
    expect([...cookies.values.keys()].length).toBeGreaterThan(3)
    const { exchange, opened } = await visit(shop, cookies)
    expect(opened.kind).toBe('open')
    await shop.sessions.save(exchange, sessionData())
    expect([...cookies.take(exchange).values.keys()]).toEqual(['session'])
    expect((await visit(shop, cookies)).opened.kind).toBe('open')
  })

  test('G-126: a lost, swapped or foreign piece makes it nobody’s', async () => {
    const shop = createWorkshop()
    const [cookies, others] = [await logIn(shop, large(9000)), await logIn(shop, large(9000))]
    const pieces = cookies.values
    const swapped = new Map(pieces).set('session2', pieces.get('session3') ?? '').set('session3', pieces.get('session2') ?? '')
    const foreign = new Map(pieces).set('session2', others.values.get('session2') ?? '')
    const lost = new Map([...pieces].filter(([name]) => name !== 'session2'))
    for (const broken of [swapped, foreign, lost]) {
      const field = [...broken].map(([name, value]) => `${name}=${value}`).join('; ')
      expect((await visit(shop, field)).opened).toEqual({ kind: 'absent', reason: 'session_invalid' })
    }
  })

  test('clearing takes every piece that the browser sent', async () => {
    const shop = createWorkshop()
    const cookies = await logIn(shop, large(9000))
    const { exchange } = await visit(shop, cookies)
    await shop.sessions.destroy(exchange, undefined)
    expect(cookies.take(exchange).field).toBeUndefined()
  })

  test('G-128: beyond nine cookies saving fails, and says what to do', async () => {
    const shop = createWorkshop()
    await expect(logIn(shop, large(25_000))).rejects.toMatchObject({ code: 'ERR_STORE', hint: expect.stringContaining('redis') })
    const server = createWorkshop({}, { sessionStore: 'memory' })
    const cookies = await logIn(server, large(25_000))
    expect([...cookies.values.values()].map((value) => value.length)).toEqual([110])
    expect((await visit(server, cookies)).opened.kind).toBe('open')
  })

  test('G-125: a header that claims a huge content costs nothing', async () => {
    const shop = createWorkshop()
    const { opened } = await visit(shop, `session=${'A'.repeat(4000)}; session2=${'A'.repeat(4000)}`)
    expect(opened).toEqual({ kind: 'absent', reason: 'session_invalid' })
  })
})

test('of two cookies with the name the one that is ours opens, whatever the order', async () => {
  const shop = createWorkshop()
  const cookies = await logIn(shop)
  for (const field of [`session=x; ${cookies.field}`, `${cookies.field}; session=x`]) {
    expect((await visit(shop, field)).opened.kind).toBe('open')
  }
  expect((await visit(shop, `${'session=x; '.repeat(4)}${cookies.field}`)).opened.kind).toBe('absent')
})

test('the browser of a test keeps what answers set', () => {
  expect(new Cookies().field).toBeUndefined()
})
