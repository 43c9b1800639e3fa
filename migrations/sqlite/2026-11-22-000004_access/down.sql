DROP TABLE throttles;
DROP TABLE consents;
DROP TABLE tokens;
DROP TABLE authorization_codes;
DROP TABLE grants;
DROP TABLE flow_plans;
DROP TABLE sessions;
