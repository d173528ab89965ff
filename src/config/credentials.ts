/** URLs in a text without who logs in, and with what. As long as before, so that columns stay. */
export function maskCredentials(text: string): string {
  return text.replace(/(?<=\w:\/\/)[^\s/?#"'`]+(?=@)/g, (credentials) => '*'.repeat(credentials.length));
}
