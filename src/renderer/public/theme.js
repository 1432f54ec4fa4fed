// Runs before the first paint: the preference itself lives in the database and arrives later, this is only its echo.
(function () {
  var root = document.documentElement;
  var hint;
  try {
    hint = JSON.parse(localStorage.getItem('homeport.appearance') || '{}');
  } catch {
    hint = {};
  }
  var dark =
    hint.theme === 'dark' || (hint.theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  root.dataset.theme = dark ? 'dark' : 'light';
  root.dataset.density = hint.density === 'compact' ? 'compact' : 'comfortable';
  if (typeof hint.zoomPercent === 'number') root.style.fontSize = (16 * hint.zoomPercent) / 100 + 'px';
})();
