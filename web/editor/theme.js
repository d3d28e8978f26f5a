/** Loads the style sheet, once per page. */

const ID = 'dragnuwa-style';

export function loadStyle() {
  if (document.getElementById(ID)) return;
  const link = document.createElement('link');
  link.id = ID;
  link.rel = 'stylesheet';
  link.href = new URL('./editor.css', import.meta.url).href;
  document.head.append(link);
}
