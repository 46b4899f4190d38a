import { html, type Page } from './layout.js'

interface ErrorOut {
  readonly error: string
  readonly error_description?: string | undefined
}

/** Shown when there is no redirect URI to take an error to; the status stays as the library set it. */
export const errorPage = ({ error, error_description }: ErrorOut): Page => ({
  title: 'Sign-in is not possible',
  body: html`<h1>Sign-in is not possible</h1>
    <p>The application sent a request that cannot be answered.</p>
    <dl>
      <dt>error</dt>
      <dd>${error}</dd>
      <dt>description</dt>
      <dd>${error_description ?? 'none'}</dd>
    </dl>`,
})

export const expiredPage = (): Page => ({
  title: 'Sign-in expired',
  status: 400,
  body: html`<h1>This sign-in has expired</h1>
    <p>Go back to the application and start again. Signing in needs cookies.</p>`,
})
