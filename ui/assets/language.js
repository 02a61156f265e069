// Says in which language the page is and from where it is written, on its root: Streamlit says English of every page.
export default function (component) {
  const { data } = component;
  document.documentElement.lang = data.language;
  document.documentElement.dir = data.direction;
}
