import { CACHE_AND_ERROR_ROWS } from './caches-and-errors.js'
import { CALL_ROWS } from './calls.js'
import { CREDENTIAL_ROWS } from './credentials.js'
import { HEADER_ROWS } from './headers.js'
import { PROVIDER_ROWS } from './provider.js'
import { QUESTION_ROWS } from './questions.js'
import { EXCHANGE_ROWS } from './exchange.js'
import { SESSION_ROWS } from './session.js'
import { VERIFICATION_ROWS } from './verification.js'
import type { FieldRow } from './row.js'

/** Every row; `docs/kong-fidelity.md` is made from them. */
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
]
