import { codeFlow, landing, logIn, passwordSession } from './browsing.js'
import { alice, type FieldRow, type Seen } from './row.js'

const redirect = { ...codeFlow, login_action: 'redirect' }
/** Names of the members of the answer's body. */
const members = ({ answer }: Seen): string[] => Object.keys(JSON.parse(answer.body) as object).toSorted()
const whole = { access_token: 'opaque', token_type: 'Bearer', refresh_token: 'refresh-1', not_before_policy: 0 }

/** Section 2.6: what follows a login. */
export const LOGIN_ROWS: readonly FieldRow[] = [
  {
    field: 'login_redirect_mode',
    base: redirect,
    set: { login_redirect_mode: 'query' },
    ask: logIn,
    observe: landing,
    default: '/anything#id_token=(token)',
    changed: '/anything?id_token=(token)',
  },
  {
    field: 'login_redirect_uri',
    base: redirect,
    set: { login_redirect_uri: ['https://shop.example/home'] },
    ask: logIn,
    observe: landing,
    default: '/anything#id_token=(token)',
    changed: 'https://shop.example/home#id_token=(token)',
  },
  {
    field: 'login_tokens',
    base: redirect,
    set: { login_tokens: null },
    ask: logIn,
    observe: landing,
    default: '/anything#id_token=(token)',
    changed: '/anything',
  },
  {
    field: 'login_tokens',
    base: { ...codeFlow, login_action: 'response' },
    set: { login_tokens: ['access_token', 'refresh_token'] },
    ask: logIn,
    observe: members,
    default: ['id_token'],
    changed: ['access_token', 'refresh_token'],
  },
  // all that the token endpoint said, whatever the grant
  ...[
    { base: { ...codeFlow, scopes: ['read'] }, ask: logIn },
    { base: { ...passwordSession, login_methods: ['password'] }, ask: alice },
  ].map(({ base, ask }): FieldRow => ({
    field: 'login_tokens',
    base: { ...base, login_action: 'response', login_tokens: ['access_token'] },
    set: { login_tokens: ['tokens'] },
    ask,
    script: () => ({ '/token': whole }),
    observe: members,
    default: ['access_token'],
    changed: Object.keys(whole).toSorted(),
  })),
]
