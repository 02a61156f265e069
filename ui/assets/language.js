// Says in the page's root which language the page is in and from which side it is read: Streamlit's page says English. It
// also keeps in the browser which language was chosen, for a year; no script but this one reads it, and two servers do.
const SECONDS = 365 * 24 * 3600;

export default function ({ data }) {
  document.documentElement.lang = data.language;
  document.documentElement.dir = data.direction;
  if (!data.cookie) return;
  const secure = window.location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${data.cookie}; Path=/; Max-Age=${SECONDS}; SameSite=Lax${secure}`;
}
