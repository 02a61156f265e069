// Tells Python what stands in the question's field when an estimate of it is wanted: the field keeps its words to itself
// until they are sent. The button stands in HTML that Streamlit has sanitised, so the listener sits on the document.
export default function (component) {
  const { setTriggerValue } = component;
  const listen = (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-estimate]") : null;
    if (!button) return;
    const field = document.querySelector('[data-testid="stChatInputTextArea"]');
    setTriggerValue("draft", { text: field ? field.value : "" });
  };
  document.addEventListener("click", listen);
  return () => document.removeEventListener("click", listen);
}
