/* Shows a job's progress: fetches the changing part of the page every two seconds until the job is finished.
   Called by templates/console/job.html. Without it the page has a link that refreshes. */
(function () {
    "use strict";
    var box = document.getElementById("qz-job");
    if (!box) { return; }

    function later() {
        if (!box.querySelector("[data-finished='1']")) { window.setTimeout(update, 2000); }
    }

    function update() {
        if (document.hidden) { later(); return; }
        fetch(box.dataset.part, { credentials: "same-origin", redirect: "error" })
            .then(function (answer) {
                if (!answer.ok) { throw new Error(String(answer.status)); }
                return answer.text();
            })
            .then(function (html) {
                if (html.indexOf("qz-job") > -1) { box.innerHTML = html; }
            })
            .catch(function () { /* The server may be restarting: the next try will tell. */ })
            .then(later);
    }

    later();
})();
