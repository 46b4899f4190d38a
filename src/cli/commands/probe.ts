import { existsSync } from 'node:fs'
import { OidcgwError } from '../../errors.js'
import type { Command } from '../context.js'
import type { ProbeRequestOptions } from './probe-request.js'
import type { ProbeSuitesOptions } from './probe-suites.js'

export type ProbeOptions = ProbeRequestOptions & ProbeSuitesOptions

/** Flags that only make sense for one of the two; saying them to the other is a misunderstanding worth an error. */
const ONE_REQUEST = ['as', 'expect', 'expectHeader', 'method', 'header', 'data', 'waitConfig'] as const
const SUITES = ['report', 'only', 'skip', 'jobs', 'repeat', 'bail', 'baseline'] as const

/** `probe [TARGET…]`: one request for a URL or a path, suites otherwise. */
export const probe: Command<[readonly string[]], ProbeOptions> = async ([targets], options, context) => {
  const urls = targets.filter((target) => !isSuiteFile(target) && (target.startsWith('/') || /^[a-z][a-z0-9+.-]*:\/\//i.test(target)))
  const [url] = urls
  if (url === undefined) {
    refuse(ONE_REQUEST, options, 'it is for one request; suites say it in their file')
    return (await import('./probe-suites.js')).probeSuites([targets], options, context)
  }
  if (targets.length > 1) throw new OidcgwError('ERR_USAGE', 'probe: one URL at a time', { hint: 'Write a suite for more' })
  refuse(SUITES, options, 'it is for suites')
  return (await import('./probe-request.js')).probeRequest([url], options, context)
}

/** An absolute path to a file on this machine looks like a path on the gateway. */
const isSuiteFile = (target: string): boolean => /^\/.*\.(ya?ml|json)$/.test(target) && existsSync(target)

function refuse(names: readonly (keyof ProbeOptions)[], options: ProbeOptions, why: string): void {
  const given = names.find((name) => options[name] !== undefined)
  if (given === undefined) return
  throw new OidcgwError('ERR_USAGE', `--${given.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}: ${why}`)
}
