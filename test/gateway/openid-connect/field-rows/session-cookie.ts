import { arrive, codeFlow, passwordSession, setCookie } from './browsing.js'
import { alice, comeBack, cookies, status, type FieldRow } from './row.js'

const ATTRIBUTES = {
  domain: ['gateway.example', '; Domain=gateway.example; Path=/; SameSite=*; HttpOnly'],
  path: ['/shop', '; Path=/shop; SameSite=*; HttpOnly'],
  http_only: [false, '; Path=/; SameSite=*'],
  secure: [true, '; Path=/; SameSite=*; Secure; HttpOnly'],
  // None forces Secure
  same_site: ['None', '; Path=/; SameSite=None; Secure; HttpOnly'],
} as const

const KINDS = {
  session: { base: passwordSession, ask: alice, sameSite: 'Lax' },
  authorization: { base: codeFlow, ask: arrive, sameSite: 'Default' },
} as const

/** Section 5.2: the cookie of a session and the one of a login on its way carry what their fields say, in Kong's order. */
export const SESSION_COOKIE_ROWS: readonly FieldRow[] = [
  ...Object.entries(KINDS).flatMap(([kind, { base, ask, sameSite }]) =>
    Object.entries(ATTRIBUTES).map(([attribute, [value, expected]]): FieldRow => ({
      field: `${kind}_cookie_${attribute}`,
      base,
      set: { [`${kind}_cookie_${attribute}`]: value },
      ask,
      observe: ({ answer }) => setCookie(answer, kind),
      default: `${kind}=…; Path=/; SameSite=${sameSite}; HttpOnly`,
      changed: `${kind}=…${expected.replace('*', sameSite)}`,
    })),
  ),
  {
    field: 'authorization_cookie_name',
    base: codeFlow,
    set: { authorization_cookie_name: 'login' },
    ask: arrive,
    observe: ({ answers }) => cookies(answers).split('=')[0],
    default: 'authorization',
    changed: 'login',
  },
  {
    // outlives the session of 900 idle seconds, and the browser
    field: 'session_remember',
    base: passwordSession,
    set: { session_remember: true },
    ask: [alice, comeBack],
    pause: 1000,
    observe: (seen) => [/Max-Age=\d+/.exec(setCookie(seen.answers[0] ?? seen.answer, 'remember') ?? '')?.[0], status(seen)],
    default: [undefined, 401],
    changed: ['Max-Age=604800', 200],
  },
  {
    field: 'session_remember_cookie_name',
    base: { ...passwordSession, session_remember: true },
    set: { session_remember_cookie_name: 'longtime' },
    ask: alice,
    observe: ({ answer }) => ['remember', 'longtime'].filter((name) => setCookie(answer, name) !== undefined),
    default: ['remember'],
    changed: ['longtime'],
  },
  {
    field: 'session_remember_rolling_timeout',
    base: { ...passwordSession, session_remember: true },
    set: { session_remember_rolling_timeout: 950 },
    ask: [alice, comeBack],
    pause: 1000,
    observe: status,
    default: 200,
    changed: 401,
  },
  {
    // counted from the login, however often the cookie is renewed
    field: 'session_remember_absolute_timeout',
    base: { ...passwordSession, session_remember: true },
    set: { session_remember_absolute_timeout: 1500 },
    ask: [alice, comeBack, comeBack],
    pause: 1000,
    observe: ({ answers }) => answers.map((answer) => answer.status),
    default: [200, 200, 200],
    changed: [200, 200, 401],
  },
]
