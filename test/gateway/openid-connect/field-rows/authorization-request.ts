import type { Answer } from '../../../support/protected-gateway.js'
import { arrive, asked, callBack, codeFlow, landing, logIn, PUSHED, requestOf } from './browsing.js'
import { form, status, type FieldRow, type Seen } from './row.js'

const names = (parameters: URLSearchParams | undefined): string[] => [...(parameters?.keys() ?? [])].toSorted()
/** Names of what the browser carries to the provider. */
const carried = ({ answers: [first] }: Seen): string[] => names(requestOf(first as Answer))
const ordinary = ['client_id', 'nonce', 'redirect_uri', 'response_type', 'scope', 'state']

/** Section 1.5: what an authorization request says, and how. */
export const AUTHORIZATION_REQUEST_ROWS: readonly FieldRow[] = [
  {
    // the token endpoint never hears of it
    field: 'audience',
    base: codeFlow,
    set: { audience: ['orders'] },
    ask: logIn,
    observe: (seen) => [asked('audience')(seen), form('/token', 'audience')(seen)],
    default: [null, null],
    changed: ['orders', null],
  },
  {
    field: 'authorization_query_args_names',
    base: codeFlow,
    set: { authorization_query_args_names: ['prompt'], authorization_query_args_values: ['login'] },
    ask: arrive,
    observe: asked('prompt'),
    default: null,
    changed: 'login',
  },
  {
    field: 'authorization_query_args_values',
    base: { ...codeFlow, authorization_query_args_names: ['prompt'], authorization_query_args_values: ['login'] },
    set: { authorization_query_args_values: ['consent'] },
    ask: arrive,
    observe: asked('prompt'),
    default: 'login',
    changed: 'consent',
  },
  {
    field: 'authorization_query_args_client',
    base: codeFlow,
    set: { authorization_query_args_client: ['login_hint'] },
    ask: { path: '/anything?login_hint=alice&prompt=none' },
    observe: (seen) => [asked('login_hint')(seen), asked('prompt')(seen)],
    default: [null, null],
    changed: ['alice', null],
  },
  {
    field: 'preserve_query_args',
    base: { ...codeFlow, login_action: 'redirect', login_tokens: null },
    set: { preserve_query_args: true },
    ask: [{ path: '/anything?page=2&of=%2F' }, callBack()],
    observe: landing,
    default: '/anything',
    changed: '/anything?page=2&of=%2F',
  },
  {
    // the same one in both calls, and the callback arrives there
    field: 'redirect_uri',
    base: codeFlow,
    set: { redirect_uri: ['https://shop.example$PATH/anything/callback'] },
    ask: logIn,
    observe: (seen) => {
      const uri = new URL(asked('redirect_uri')(seen) ?? '')
      return [uri.hostname, uri.pathname.split('/').at(-1), form('/token', 'redirect_uri')(seen) === uri.href, status(seen)]
    },
    default: ['127.0.0.1', 'anything', true, 200],
    changed: ['shop.example', 'callback', true, 200],
  },
  {
    field: 'require_proof_key_for_code_exchange',
    base: codeFlow,
    set: { require_proof_key_for_code_exchange: true },
    ask: logIn,
    observe: (seen) => [asked('code_challenge_method')(seen), form('/token', 'code_verifier')(seen)?.length, status(seen)],
    default: [null, undefined, 200],
    changed: ['S256', 43, 200],
  },
  {
    field: 'require_pushed_authorization_requests',
    base: { ...codeFlow, pushed_authorization_request_endpoint: '$ISSUER/par' },
    set: { require_pushed_authorization_requests: true },
    ask: arrive,
    script: () => ({ '/par': PUSHED }),
    observe: (seen) => [carried(seen), names(seen.calls.find(({ path }) => path === '/par')?.form)],
    default: [ordinary, []],
    changed: [['client_id', 'request_uri'], ordinary],
  },
  {
    field: 'require_signed_request_object',
    base: codeFlow,
    set: { require_signed_request_object: true },
    ask: arrive,
    observe: (seen) => [carried(seen), payload(asked('request')(seen))['redirect_uri'] !== undefined],
    default: [ordinary, false],
    changed: [['client_id', 'request', 'response_type', 'scope'], true],
  },
  {
    field: 'response_mode',
    base: codeFlow,
    set: { response_mode: 'form_post' },
    ask: logIn,
    observe: (seen) => [asked('response_mode')(seen), status(seen), seen.answer.upstream?.method],
    default: [null, 200, 'GET'],
    changed: ['form_post', 200, 'POST'],
  },
  {
    // JARM: code and state come inside a signed response
    field: 'response_mode',
    base: codeFlow,
    set: { response_mode: 'query.jwt' },
    ask: logIn,
    observe: (seen) => [asked('response_mode')(seen), status(seen), seen.answer.upstream?.url],
    default: [null, 200, '/anything'],
    changed: ['query.jwt', 200, '/anything'],
  },
  {
    // an ID token in the callback counts, and is checked, exactly where it was asked for
    field: 'response_type',
    base: { ...codeFlow, response_mode: 'form_post' },
    set: { response_type: ['code', 'id_token'] },
    ask: [arrive, callBack((provider, request) => ({ id_token: provider.idToken(request, { nonce: 'of another login' }) }))],
    observe: (seen) => [asked('response_type')(seen), status(seen)],
    default: ['code', 200],
    changed: ['code id_token', 401],
  },
  {
    field: 'verify_nonce',
    base: codeFlow,
    set: { verify_nonce: false },
    ask: logIn,
    script: (provider) => ({
      '/token': {
        access_token: provider.token(),
        id_token: provider.idToken(new URLSearchParams({ client_id: 'demo' }), { nonce: 'of another login' }),
        token_type: 'Bearer',
      },
    }),
    observe: status,
    default: 401,
    changed: 200,
  },
]

const payload = (jwt: string | null): Readonly<Record<string, unknown>> =>
  JSON.parse(Buffer.from(jwt?.split('.')[1] ?? '', 'base64url').toString() || '{}') as Record<string, unknown>
