import { callsTo, codeFlow, goOn, hasCookie, landing, logIn, logInAndOut } from './browsing.js'
import { form, status, type FieldRow, type Seen } from './row.js'

const base = { ...codeFlow, logout_uri_suffix: '/logout' }
const revoking = { ...base, logout_revoke: true }
const script: FieldRow['script'] = () => ({ '/revoke': { status: 200 } })
/** What was revoked, by its `token_type_hint`. */
const revoked = (seen: Seen): (string | null)[] => callsTo(seen, '/revoke').map((call) => call.form.get('token_type_hint'))
/** Whether the upstream saw the last request, and whether the browser is still logged in. */
const stayed = (seen: Seen): readonly [boolean, boolean] => [seen.answer.upstream !== undefined, hasCookie(seen)]
const formType = { 'content-type': 'application/x-www-form-urlencoded' }

/** Section 2.7: what asks for logout, and what it ends here and at the provider. */
export const LOGOUT_ROWS: readonly FieldRow[] = [
  {
    field: 'logout_methods',
    base,
    set: { logout_methods: ['GET'] },
    ask: [...logIn, goOn({ path: '/logout' })],
    observe: stayed,
    default: [true, true],
    changed: [false, false],
  },
  {
    // what is not listed does not count any more
    field: 'logout_methods',
    base,
    set: { logout_methods: ['GET'] },
    ask: logInAndOut,
    observe: stayed,
    default: [false, false],
    changed: [true, true],
  },
  {
    field: 'logout_query_arg',
    base: codeFlow,
    set: { logout_query_arg: 'bye' },
    ask: [...logIn, goOn({ method: 'POST', path: '/anything?bye=' })],
    observe: stayed,
    default: [true, true],
    changed: [false, false],
  },
  {
    field: 'logout_post_arg',
    base: codeFlow,
    set: { logout_post_arg: 'bye' },
    ask: [...logIn, goOn({ method: 'POST', headers: formType, body: 'bye=1' })],
    observe: stayed,
    default: [true, true],
    changed: [false, false],
  },
  {
    field: 'logout_redirect_uri',
    base,
    set: { logout_redirect_uri: ['https://shop.example/bye'] },
    ask: logInAndOut,
    observe: (seen) => [status(seen), landing(seen)],
    default: [200, 'undefined'],
    changed: [302, 'https://shop.example/bye'],
  },
  {
    // the provider's own logout comes first and is told where to go on
    field: 'logout_redirect_uri',
    base: { ...base, end_session_endpoint: 'https://idp.example/end' },
    set: { logout_redirect_uri: ['https://shop.example/bye'] },
    ask: logInAndOut,
    observe: landing,
    default: 'https://idp.example/end?id_token_hint=(token)&client_id=demo',
    changed: 'https://idp.example/end?id_token_hint=(token)&client_id=demo&post_logout_redirect_uri=https%3A%2F%2Fshop.example%2Fbye',
  },
  {
    field: 'logout_revoke',
    base,
    set: { logout_revoke: true },
    ask: logInAndOut,
    script,
    observe: revoked,
    default: [],
    changed: ['refresh_token', 'access_token'],
  },
  {
    field: 'logout_revoke_access_token',
    base: revoking,
    set: { logout_revoke_access_token: false },
    ask: logInAndOut,
    script,
    observe: revoked,
    default: ['refresh_token', 'access_token'],
    changed: ['refresh_token'],
  },
  {
    field: 'logout_revoke_refresh_token',
    base: revoking,
    set: { logout_revoke_refresh_token: false },
    ask: logInAndOut,
    script,
    observe: revoked,
    default: ['refresh_token', 'access_token'],
    changed: ['access_token'],
  },
  {
    field: 'revocation_token_param_name',
    base: { ...revoking, logout_revoke_access_token: false },
    set: { revocation_token_param_name: 'to_revoke' },
    ask: logInAndOut,
    script,
    observe: (seen) => [form('/revoke', 'token')(seen), form('/revoke', 'to_revoke')(seen)],
    default: ['refresh-1', null],
    changed: [null, 'refresh-1'],
  },
]
