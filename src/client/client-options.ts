import type { Prompt } from '../config/secret-reference.js'
import type { Host, TlsOptions } from '../host.js'

/** How we act as a client, beside the profile: the door's choices. */
export interface ClientOptions {
  readonly tls?: TlsOptions
  /** For each request. Default 30,000. */
  readonly timeoutMs?: number
  /** Plain http beyond loopback. Default false. */
  readonly allowHttp?: boolean
  /** For every time claim we judge, ID tokens included. Default 0. */
  readonly clockToleranceSeconds?: number
  /** Whether a person may be asked: for a secret, or to sign in. Default false. */
  readonly interactive?: boolean
  /** Command that opens a URL, or `none`. Naming one allows a browser login even when nobody can be asked. */
  readonly browser?: string
  /** Implicit and hybrid flows, which put tokens into URLs. Default false. */
  readonly allowLegacy?: boolean
  readonly prompt?: Prompt
  /** How to wait that many milliseconds between two polls; real time by default. */
  readonly pause?: (ms: number) => Promise<void>
  /** One line of text for the person. */
  readonly say?: (line: string) => void
  /** The same, for the curious (`-v`). */
  readonly tell?: (line: string) => void
  /** `none` keeps nothing on disk. */
  readonly store?: 'default' | 'none'
}

/** The parts of the world a client needs. */
export type ClientHost = Pick<Host, 'env' | 'cwd' | 'stdin' | 'now' | 'request' | 'openBrowser' | 'signal'>
