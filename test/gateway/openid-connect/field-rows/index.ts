import { AUTHORIZATION_REQUEST_ROWS } from './authorization-request.js'
import { CACHE_AND_ERROR_ROWS } from './caches-and-errors.js'
import { CALL_ROWS } from './calls.js'
import { CLIENT_KEY_ROWS } from './client-keys.js'
import { CREDENTIAL_ROWS } from './credentials.js'
import { ENDPOINT_ROWS } from './endpoints.js'
import { EXCHANGE_ROWS } from './exchange.js'
import { HEADER_ROWS } from './headers.js'
import { LOGIN_ROWS } from './login.js'
import { LOGOUT_ROWS } from './logout.js'
import { POSSESSION_ROWS } from './possession.js'
import { PROVIDER_ROWS } from './provider.js'
import { QUESTION_ROWS } from './questions.js'
import type { FieldRow } from './row.js'
import { SESSION_COOKIE_ROWS } from './session-cookie.js'
import { SESSION_LIFE_ROWS } from './session-life.js'
import { SESSION_ROWS } from './session.js'
import { STORED_SESSION_ROWS } from './stored-session.js'
import { TLS_ROWS } from './tls.js'
import { VERIFICATION_ROWS } from './verification.js'

/** Every row that needs no foreign program; `docs/kong-fidelity.md` is made from them and the stored ones. */
export const ROWS: readonly FieldRow[] = [
  ...CREDENTIAL_ROWS,
  ...VERIFICATION_ROWS,
  ...CALL_ROWS,
  ...QUESTION_ROWS,
  ...CACHE_AND_ERROR_ROWS,
  ...HEADER_ROWS,
  ...PROVIDER_ROWS,
  ...EXCHANGE_ROWS,
  ...SESSION_ROWS,
  ...SESSION_COOKIE_ROWS,
  ...SESSION_LIFE_ROWS,
  ...AUTHORIZATION_REQUEST_ROWS,
  ...ENDPOINT_ROWS,
  ...LOGIN_ROWS,
  ...LOGOUT_ROWS,
  ...CLIENT_KEY_ROWS,
  ...TLS_ROWS,
  ...POSSESSION_ROWS,
]

/** Rows that need a Redis server. */
export const STORED_ROWS: readonly FieldRow[] = [...STORED_SESSION_ROWS]
