# What the REST API says when it refuses a call. Scripts read codes; these are for whoever writes the script.
api-error-token = This token is not valid: it may have expired or be meant for something else.
api-error-csrf = Changes made with a browser session need the header X-authentik-CSRF.
api-error-boolean = Write true or false.
api-error-json = Write a JSON object.
api-error-page-far = Pages so far into this list are not found by their number. Ask for fewer results (filters, a longer search), or follow the Link header of the page before.
api-error-search = Use at most 200 characters.
api-error-too-many-values = These are too many values.
