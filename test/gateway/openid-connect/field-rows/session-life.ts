import { codeFlow, goOn, leave, logIn, passwordSession, setCookie } from './browsing.js'
import { alice, client, comeBack, cookies, count, status, type Asked, type FieldRow, type Seen } from './row.js'

const statuses = ({ answers }: Seen): number[] => answers.map(({ status: one }) => one)
/** Other limits than the one in question are off. */
const unlimited = { ...passwordSession, session_idling_timeout: 0, session_rolling_timeout: 0, session_absolute_timeout: 0 }
const beside = '/beside/anything'
const logInBeside = goOn({ ...alice, path: beside })
const withAgent = (agent: string): Asked => goOn({ headers: { 'user-agent': agent } })
/** A copy of the cookies that the first answer set. */
const withCopy: Asked = (_provider, answers) => ({ headers: { cookie: cookies(answers.slice(0, 1)) } })

/** Sections 5.1 to 5.8: how long a session lives, whose it is, and where. */
export const SESSION_LIFE_ROWS: readonly FieldRow[] = [
  {
    // too late: the code is not even redeemed, and another login begins
    field: 'authorization_rolling_timeout',
    base: codeFlow,
    set: { authorization_rolling_timeout: 30 },
    ask: logIn,
    pause: 31,
    observe: (seen) => [status(seen), count('/token')(seen)],
    default: [200, 1],
    changed: [302, 0],
  },
  {
    field: 'session_rolling_timeout',
    base: unlimited,
    set: { session_rolling_timeout: 30 },
    ask: [alice, comeBack],
    pause: 31,
    observe: statuses,
    default: [200, 200],
    changed: [200, 401],
  },
  {
    // in use it is renewed after three quarters, and outlives its first generation
    field: 'session_rolling_timeout',
    base: unlimited,
    set: { session_rolling_timeout: 40 },
    ask: [alice, comeBack, comeBack],
    pause: 31,
    observe: (seen) => [statuses(seen), ...seen.answers.map((answer) => setCookie(answer, 'session') !== undefined)],
    default: [[200, 200, 200], true, false, false],
    changed: [[200, 200, 200], true, true, true],
  },
  {
    // no renewal helps
    field: 'session_absolute_timeout',
    base: { ...unlimited, session_rolling_timeout: 40 },
    set: { session_absolute_timeout: 60 },
    ask: [alice, comeBack, comeBack],
    pause: 31,
    observe: statuses,
    default: [200, 200, 200],
    changed: [200, 200, 401],
  },
  {
    // a label of its own: the other instance finds nothing of its own, then both live in one cookie
    field: 'session_audience',
    base: passwordSession,
    set: { session_audience: 'orders' },
    beside: { session_audience: 'default' },
    ask: [alice, goOn({ path: beside }), logInBeside, comeBack],
    observe: (seen) => [statuses(seen), cookies(seen.answers).split('; ').length],
    default: [[200, 200, 200, 200], 1],
    changed: [[200, 401, 200, 200], 1],
  },
  {
    // bob logs in beside alice
    field: 'session_enforce_same_subject',
    base: { ...passwordSession, session_audience: 'orders' },
    set: { session_enforce_same_subject: true },
    beside: { session_audience: 'billing' },
    ask: [alice, logInBeside, comeBack],
    script: (provider) => {
      const subjects = ['alice', 'bob']
      return { '/token': () => ({ access_token: provider.token({ claims: { sub: subjects.shift() } }), token_type: 'Bearer' }) }
    },
    observe: statuses,
    default: [200, 200, 200],
    changed: [200, 200, 401],
  },
  {
    // unset, each instance makes its own
    field: 'session_secret',
    base: { auth_methods: ['session', 'password'], ...client },
    set: { session_secret: 'the same of thirty-two characters' },
    beside: {},
    ask: [alice, goOn({ path: beside })],
    observe: statuses,
    default: [200, 401],
    changed: [200, 200],
  },
  {
    field: 'session_bind',
    base: passwordSession,
    set: { session_bind: ['user-agent'] },
    ask: [{ ...alice, headers: { 'user-agent': 'one' } }, withAgent('one'), withAgent('another')],
    observe: statuses,
    default: [200, 200, 200],
    changed: [200, 200, 401],
  },
  {
    // this process stands in for memcached; the cookie is an id, and a copy of it ends with the session
    field: 'session_storage',
    base: { ...passwordSession, logout_uri_suffix: '/logout' },
    set: { session_storage: 'memcached' },
    ask: [alice, leave, withCopy],
    observe: (seen) => [cookies(seen.answers.slice(0, 1)).length > 'session='.length + 110, statuses(seen)],
    default: [true, [200, 200, 200]],
    changed: [false, [200, 200, 401]],
  },
]
