import { chromium, type Browser } from 'playwright-core'
import { findProgram } from './programs.js'

/** The system's Chromium, headless, without anything that would ask the internet by itself. */
export const launchChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath: findProgram('chromium') as string,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
