import { ANONYMOUS } from '../authorize.js'
import type { WrittenShared } from './suite-schema.js'

/** The fields that a case may leave to its suite. */
export function sharedFields(written: Partial<WrittenShared>, suite: Partial<WrittenShared>) {
  const present = written.present ?? suite.present
  const jar = written.jar ?? suite.jar
  const timeoutMs = written.timeout ?? suite.timeout
  const retry = written.retry ?? suite.retry
  return {
    as: written.as ?? suite.as ?? ANONYMOUS,
    repeat: written.repeat ?? suite.repeat ?? 1,
    tags: [...new Set([...(suite.tags ?? []), ...(written.tags ?? [])])],
    ...(present !== undefined && { present }),
    ...(jar !== undefined && { jar }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(retry && { retry: { forMs: retry.for, everyMs: retry.every } }),
  }
}
